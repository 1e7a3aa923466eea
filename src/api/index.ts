/**
 * HTTP front door: one route file per module, problem documents, OpenAPI.
 *
 * @module
 */
export { createApi } from './app.ts'
export type { ApiAuth, ApiDeps, ApiEnv, ApiOptions, ApiWorkflows, RateLimit } from './deps.ts'
export type { FileEntry, FileRange, OpenFile, RunFiles } from './files/run-files.ts'
export { createFolderRunFiles } from './files/run-files-fs.ts'
export type { IdempotencyStore } from './idempotency/store.ts'
export { API_MIGRATIONS, createSqlIdempotencyStore } from './idempotency/store-sql.ts'
