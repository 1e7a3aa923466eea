import { join } from 'node:path'

import type { Clock } from '../kernel/clock.ts'
import { createIds } from '../kernel/ids.ts'
import type { Random } from '../kernel/random.ts'
import type { Database } from '../platform/sql/database.ts'
import {
  createMasterKeyFile,
  createSqlVaultStore,
  createVault,
  givenMasterKeys,
  type MasterKeys,
  type Vault,
} from '../vault/index.ts'

import type { Config } from './config.ts'

/** What {@link openVault} needs beside settings. */
export interface VaultDeps {
  readonly database: Database
  readonly clock: Clock
  readonly random: Random
}

/** Where master keys lie, unless settings give them. */
export function keyFileOf({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'master.key')
}

/** The master keys of this process. */
function masterKeysOf(config: Pick<Config, 'dataDir' | 'masterKeys'>, random: Random): MasterKeys {
  const { masterKeys } = config
  return masterKeys.length > 0
    ? givenMasterKeys(masterKeys)
    : createMasterKeyFile(keyFileOf(config), random)
}

/** The vault on a database; no key is read, or made, before the first use. */
export function openVault(
  config: Pick<Config, 'dataDir' | 'masterKeys'>,
  { database, clock, random }: VaultDeps,
): Vault {
  const store = createSqlVaultStore(database)
  const masters = masterKeysOf(config, random)
  return createVault({ store, masters, clock, random, ids: createIds({ clock, random }) })
}
