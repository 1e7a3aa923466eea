import { lookup as systemLookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'

import { buildConnector } from 'undici'

import { type AddressPolicy, bareHost } from './address-policy.ts'
import { PrivateAddressError } from './errors.ts'

/** An address that a name stands for. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: number
}

/** Finds the addresses of a name. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>

/** Finds addresses as every other program on this machine does, in the system's order. */
export const resolveBySystem: Resolve = (host) => systemLookup(host, { all: true, verbatim: true })

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Makes what connects, and only to addresses which the policy allows.
 *
 * @remarks
 * A name is resolved here, once, and the connection is made to the very addresses that were
 * checked: a name server that answers differently the second time is never asked again.
 */
export function createGuardedConnector(
  policy: AddressPolicy,
  resolve: Resolve,
): buildConnector.connector {
  return (options, callback) => void connectGuarded({ options, policy, resolve }, callback)
}

interface Attempt {
  readonly options: buildConnector.Options
  readonly policy: AddressPolicy
  readonly resolve: Resolve
}

async function connectGuarded(
  { options, policy, resolve }: Attempt,
  callback: buildConnector.Callback,
): Promise<void> {
  const host = bareHost(options.hostname)
  const port = Number(options.port === '' ? defaultPort(options.protocol) : options.port)
  let addresses: readonly ResolvedAddress[]
  try {
    addresses = await findAllowed({ host, port }, policy, resolve)
  } catch (fault) {
    callback(fault instanceof Error ? fault : new Error(String(fault)), null)
    return
  }
  connectTo(addresses)(options, callback)
}

async function findAllowed(
  { host, port }: { readonly host: string; readonly port: number },
  policy: AddressPolicy,
  resolve: Resolve,
): Promise<readonly ResolvedAddress[]> {
  const family = isIP(host)
  const found = family === 0 ? await resolve(host) : [{ address: host, family }]
  const allowed = found.filter(({ address }) => policy.allows({ host, port, address }))
  const [refused] = found
  if (allowed.length === 0 && refused !== undefined)
    throw new PrivateAddressError(host, refused.address)
  return allowed
}

/** Connects to one of these addresses: Node tries them in turn and takes the first that answers. */
function connectTo(addresses: readonly ResolvedAddress[]): buildConnector.connector {
  const lookup: LookupFunction = (host, { all }, callback) => {
    const [first] = addresses
    if (first === undefined) {
      const fault = Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' })
      callback(fault, '')
    } else if (all === true) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  }
  return buildConnector({ timeout: CONNECT_TIMEOUT_MS, autoSelectFamily: true, lookup })
}

function defaultPort(protocol: string): number {
  return protocol === 'https:' ? 443 : 80
}
