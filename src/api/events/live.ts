import type { ApiDeps } from '../deps.ts'

import { createEventFeeds, type EventFeeds } from './event-feeds.ts'
import { createEventStreams, type OpenStream } from './event-streams.ts'

/** What routes with streams share: one limit, and one follower for all who watch the same run. */
export interface LiveDeps extends ApiDeps {
  readonly stream: OpenStream
  readonly feeds: EventFeeds
}

/** Builds what routes with streams share. */
export function withLive(deps: ApiDeps): LiveDeps {
  return { ...deps, stream: createEventStreams(deps), feeds: createEventFeeds(deps.journal) }
}
