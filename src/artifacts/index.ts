/**
 * Artifacts: values too large for the journal, kept once by their content.
 *
 * @module
 */
export { type Artifacts, createArtifacts, INLINE_LIMIT_BYTES, referenceOf } from './artifacts.ts'
export { ArtifactMissingError } from './errors.ts'
export type { Artifact, ArtifactStore } from './store.ts'
export { ARTIFACT_MIGRATIONS, createSqlArtifactStore } from './store-sql.ts'
