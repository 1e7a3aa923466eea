import type { Clock, EpochMs } from '../kernel/clock.ts'
import type { Id, Ids } from '../kernel/ids.ts'
import type { Random } from '../kernel/random.ts'

import { ExpiredFromStartError, KeyExistsError, UnknownKeyError } from './errors.ts'
import type { ApiKey, IssuedApiKey, NewApiKey, Scope } from './schema.ts'
import type { KeyRange, KeyStore } from './store.ts'
import { createToken, hashToken, keyOfToken, matchesHash } from './token.ts'

/** A key that is in use is noted at most this often, milliseconds. */
const TOUCH_EVERY_MS = 60_000
const DEFAULT_SCOPES: readonly Scope[] = ['run']

/** What the access service needs. */
export interface AccessDeps {
  readonly store: KeyStore
  readonly clock: Clock
  readonly ids: Ids
  /** Randomness fit for secrets. */
  readonly random: Random
}

/** Who acts. */
export interface Principal {
  readonly tenant: string
  /** `key_…`; what the journal names as the author of a request. */
  readonly id: string
  readonly scopes: readonly Scope[]
}

/** A key to be made. */
export interface CreateKeyRequest extends NewApiKey {
  readonly tenant: string
  /** Names this effect: a second request with the same id makes no second key. */
  readonly id?: Id<'key'>
}

/** API keys of tenants. */
export interface Access {
  /**
   * Makes the first key of a tenant, which may do everything.
   *
   * @remarks Crash and concurrency: a tenant gets at most one, ever.
   * @returns `undefined` when the tenant has, or had, a key.
   */
  firstKey(tenant: string): Promise<IssuedApiKey | undefined>
  /** @throws {@link ExpiredFromStartError} {@link KeyExistsError} */
  createKey(request: CreateKeyRequest): Promise<IssuedApiKey>
  /** Keys of a tenant, newest first; never their secrets. */
  listKeys(range: KeyRange): Promise<readonly ApiKey[]>
  /** Revokes a key, from the next request on; again is no change. @throws {@link UnknownKeyError} */
  revokeKey(tenant: string, id: string): Promise<ApiKey>
  /** Who a token stands for; `undefined` when it is wrong, expired or revoked. */
  authenticate(token: string): Promise<Principal | undefined>
}

/** Builds the access service; called once, from the composition root. */
export function createAccess(deps: AccessDeps): Access {
  const { store, clock } = deps
  return {
    async firstKey(tenant) {
      const request = { tenant, name: 'first key', scopes: ['admin'] as const }
      const { record, issued } = issue(deps, request)
      return (await store.insertFirst(record)) ? issued : undefined
    },
    async createKey(request) {
      const { expiresAt } = request
      if (expiresAt !== undefined && expiresAt <= clock.now()) {
        throw new ExpiredFromStartError(expiresAt)
      }
      const { record, issued } = issue(deps, request)
      if (!(await store.insert(record))) throw new KeyExistsError(issued.key.id)
      return issued
    },
    listKeys: (range) => store.listKeys(range),
    async revokeKey(tenant, id) {
      const key = await store.revoke(tenant, id, clock.now())
      if (key === undefined) throw new UnknownKeyError(id)
      return key
    },
    authenticate: (token) => authenticate(deps, token),
  }
}

interface Issue {
  readonly record: Parameters<KeyStore['insert']>[0]
  readonly issued: IssuedApiKey
}

interface IssueRequest extends Omit<CreateKeyRequest, 'scopes'> {
  readonly scopes?: readonly Scope[] | undefined
}

function issue({ clock, ids, random }: AccessDeps, request: IssueRequest): Issue {
  const { tenant, name, scopes = DEFAULT_SCOPES, expiresAt, id = ids.next('key') } = request
  const token = createToken(id, random)
  const key: ApiKey = {
    id,
    tenant,
    name,
    scopes: [...new Set(scopes)],
    createdAt: clock.now(),
    ...(expiresAt !== undefined && { expiresAt }),
  }
  return { record: { key, hash: hashToken(token) }, issued: { key, token } }
}

async function authenticate(
  { store, clock }: AccessDeps,
  token: string,
): Promise<Principal | undefined> {
  const id = keyOfToken(token)
  if (id === undefined) return undefined
  const found = await store.find(id)
  const isGenuine = matchesHash(token, found?.hash)
  const now = clock.now()
  if (!isGenuine || found === undefined || !isAccepted(found.key, now)) return undefined
  const { tenant, scopes, lastUsedAt = 0 } = found.key
  if (now - lastUsedAt >= TOUCH_EVERY_MS) await store.touch(id, now)
  return { tenant, id, scopes }
}

function isAccepted({ revokedAt, expiresAt }: ApiKey, now: EpochMs): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt)
}
