import { BlockList, isIP } from 'node:net'

import { InvalidAllowedHostError } from './errors.ts'

/** Where a connection would go. */
export interface Destination {
  /** Host of the URL, in lower case, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** The address it would connect to. */
  readonly address: string
}

/** Decides which addresses may be connected to. */
export interface AddressPolicy {
  allows(destination: Destination): boolean
}

/**
 * Ranges that are not on the public internet.
 *
 * @remarks Source: IANA IPv4 and IPv6 Special-Purpose Address Registries
 * (docs/sources.md#special-addresses), and 168.63.129.16, at which Azure answers its machines.
 */
const NOT_PUBLIC_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]

/** Of IPv6 only this range is public: all of IPv4 in IPv6, NAT64, ULA and the like lie outside. */
const PUBLIC_6 = ['2000::/3']

/** And of it not these: protocol assignments with Teredo, documentation, 6to4. */
const NOT_PUBLIC_6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const notPublic4 = toBlockList(NOT_PUBLIC_4)
const public6 = toBlockList(PUBLIC_6)
const notPublic6 = toBlockList(NOT_PUBLIC_6)

/** Whether an address is on the public internet; false for everything that is no address. */
export function isPublicAddress(address: string): boolean {
  const plain = withoutZone(address)
  switch (isIP(plain)) {
    case 4:
      return !notPublic4.check(plain, 'ipv4')
    case 6:
      return public6.check(plain, 'ipv6') && !notPublic6.check(plain, 'ipv6')
    default:
      return false
  }
}

/**
 * Builds a policy: public addresses, and what the list allows beside them.
 *
 * @param allowed - `host`, `*.suffix`, `host:port` and ranges such as `10.0.0.0/8`. A host is
 * allowed with whatever address it resolves to; a range whatever the host is called.
 * @throws {@link InvalidAllowedHostError} an entry is none of these.
 */
export function createAddressPolicy(allowed: readonly string[]): AddressPolicy {
  const ranges = new BlockList()
  const hosts = new Set<string>()
  const suffixes: string[] = []
  for (const entry of allowed) {
    const text = entry.trim().toLowerCase()
    if (text.includes('/')) addRange(ranges, text, entry)
    else if (/^\*\.[a-z0-9.-]+$/.test(text)) suffixes.push(text.slice(1))
    else hosts.add(toHost(text, entry))
  }
  return {
    allows({ host, port, address }) {
      if (isPublicAddress(address)) return true
      const name = host.replace(/\.$/, '')
      if (hosts.has(name) || hosts.has(`${name}:${port}`)) return true
      if (suffixes.some((suffix) => name.endsWith(suffix))) return true
      const plain = withoutZone(address)
      const family = isIP(plain)
      return family !== 0 && ranges.check(plain, family === 4 ? 'ipv4' : 'ipv6')
    },
  }
}

function withoutZone(address: string): string {
  const zone = address.indexOf('%')
  return zone === -1 ? address : address.slice(0, zone)
}

function toBlockList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) addRange(list, entry, entry)
  return list
}

function addRange(list: BlockList, range: string, entry: string): void {
  const [address = '', bits = ''] = range.split('/', 2)
  const family = isIP(address)
  const prefix = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (family === 0 || !(prefix <= (family === 4 ? 32 : 128)))
    throw new InvalidAllowedHostError(entry)
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
}

/** `host` or `host:port` as a URL has it, IPv6 without brackets. */
function toHost(text: string, entry: string): string {
  const isBareIpv6 = isIP(text) === 6
  const url = `http://${isBareIpv6 ? `[${text}]` : text}/`
  if (!/^[a-z0-9._:[\]-]+$/.test(text) || !URL.canParse(url))
    throw new InvalidAllowedHostError(entry)
  const { hostname } = new URL(url)
  // Taken from the text, since a URL drops the port that goes with its scheme.
  const port = isBareIpv6 ? undefined : /:(\d+)$/.exec(text)?.[1]
  const host = bareHost(hostname)
  return port === undefined ? host : `${host}:${Number(port)}`
}

/** Host of a URL, in lower case, IPv6 without brackets. */
export function bareHost(hostname: string): string {
  return hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1')
}
