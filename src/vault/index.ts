/**
 * Vault: secrets of tenants, and values sealed where they lie.
 *
 * @module
 */
export { createMasterKeyFile } from './master-keys-fs.ts'
export { givenMasterKeys, type MasterKeys } from './master-keys.ts'
export { newSecret, rotation, secretName, secretRecord } from './schema.ts'
export { createSqlVaultStore, VAULT_MIGRATIONS } from './store-sql.ts'
export { createVault, type Vault } from './vault.ts'
