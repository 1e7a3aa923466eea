import { PlatformError } from '../kernel/errors.ts'

/** Thrown when nothing here can unwrap a tenant's key: the master key that wraps it is elsewhere. */
export class MasterKeyMissingError extends PlatformError {
  readonly code = 'vault.master-key-missing'

  constructor(master: string, known: readonly string[]) {
    super(`master key ${master}, under which sealed values of this database lie, is not here`, {
      hint: 'copy the file "master.key" from the data directory of the machine that made it, or set PRSM_MASTER_KEYS to its content, on every machine that works on this database; without it these values cannot be opened by anybody',
      details: { master, known },
    })
  }
}

/** Thrown when a tenant has no key of this id: the value was sealed for another tenant. */
export class SealKeyMissingError extends PlatformError {
  readonly code = 'vault.key-missing'

  constructor(key: string) {
    super(`the key ${key}, under which a value is sealed, is not one of this tenant's`, {
      hint: 'a sealed value can be opened only for the tenant, and in the database, it was sealed in',
      details: { key },
    })
  }
}

/** Thrown when a sealed value, or a key, is not what was sealed, or lies where it does not belong. */
export class TamperedError extends PlatformError {
  readonly code = 'vault.tampered'

  constructor(about: string, cause?: unknown) {
    super(`what is sealed for ${about} was altered, or belongs elsewhere, and is not opened`, {
      hint: 'set the secret again, or start the run anew; find out who can write to the database',
      details: { about },
      cause,
    })
  }
}

/** Thrown when a text that is to be a master key is none. */
export class InvalidMasterKeyError extends PlatformError {
  readonly code = 'vault.invalid-master-key'

  constructor(where: string) {
    super(`${where} holds a master key that is not 32 bytes in base64`, {
      hint: 'a master key is what "openssl rand -base64 32" prints; restore the file from where it was copied to',
      details: { where },
    })
  }
}

/** Thrown when a new master key is asked for where settings say which ones there are. */
export class MasterKeyGivenError extends PlatformError {
  readonly code = 'vault.master-key-given'

  constructor() {
    super('the master key comes from the settings, so that it cannot be made here', {
      hint: 'put a new one before the old ones in PRSM_MASTER_KEYS, separated by a comma, on every machine; then prsm secrets rotate --master wraps every key anew, and the old one can go',
    })
  }
}

/** Thrown when a tenant has no secret of this name. */
export class UnknownSecretError extends PlatformError {
  readonly code = 'vault.unknown-secret'

  constructor(name: string) {
    super(`there is no secret "${name}"`, {
      hint: 'prsm secrets ls shows the secrets there are',
      details: { name },
    })
  }
}
