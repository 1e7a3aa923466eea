import { hashJson, type Sha256 } from '../../kernel/hash.ts'

import type { RecordedRequest, Recording } from './schema.ts'

/** Keeps recordings. */
export interface RecordingStore {
  find(request: RecordedRequest): Promise<Recording | undefined>
  /** Adds a recording, or replaces the one of the same request. */
  put(recording: Recording): Promise<void>
}

/** What two equal requests share. */
export function recordingKey({ method, path, body }: RecordedRequest): Sha256 {
  return hashJson({ method, path, body })
}
