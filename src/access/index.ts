/**
 * Access: API keys, whom they stand for and what they may do.
 *
 * @module
 */
export {
  type Access,
  type AccessDeps,
  createAccess,
  type CreateKeyRequest,
  type Principal,
} from './access.ts'
export {
  ExpiredFromStartError,
  KeyExistsError,
  MissingScopeError,
  UnauthenticatedError,
  UnknownKeyError,
} from './errors.ts'
export {
  apiKey,
  type ApiKey,
  issuedApiKey,
  type IssuedApiKey,
  newApiKey,
  type NewApiKey,
  scope,
  type Scope,
} from './schema.ts'
export { allows } from './scopes.ts'
export type { KeyRange, KeyRecord, KeyStore } from './store.ts'
export { ACCESS_MIGRATIONS, createSqlKeyStore } from './store-sql.ts'
