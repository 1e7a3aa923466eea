/** A value by its content. */
export interface Artifact {
  /** SHA-256 of the content. */
  readonly hash: string
  readonly mediaType: string
  readonly content: Uint8Array
}

/** Where artifacts are kept. */
export interface ArtifactStore {
  /** Keeps an artifact; one that is kept already stays as it is. */
  put(artifact: Artifact): Promise<void>
  find(hash: string): Promise<Uint8Array | undefined>
}
