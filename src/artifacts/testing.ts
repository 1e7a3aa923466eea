import type { ArtifactStore } from './store.ts'

/** Artifacts in memory; for tests. */
export function createMemoryArtifactStore(): ArtifactStore {
  const kept = new Map<string, Uint8Array>()
  return {
    put: async ({ hash, content }) => void kept.set(hash, content),
    find: async (hash) => kept.get(hash),
  }
}
