import { PlatformError } from '../../kernel/errors.ts'

import { GarbledResponseError, NetworkError } from './errors.ts'

/** Faults that do not pass by themselves: certificates, and ports that no browser calls. */
const LASTING =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|bad port)/

/** A body that cannot be decompressed. */
const GARBLED = /^(?:Z_|ERR_BROTLI|ERR__?ERROR_FORMAT|ERR_ZSTD)/

/** What a fault of undici or the system means; a fault of ours inside it comes out as it is. */
export function toHttpFault(fault: unknown, url: string): PlatformError {
  const chain = chainOf(fault)
  const own = chain.find((each) => each instanceof PlatformError)
  if (own !== undefined) return own
  const reason = reasonOf(chain)
  if (GARBLED.test(reason)) return new GarbledResponseError(url, 'cannot be decompressed', fault)
  return new NetworkError(url, reason, { cause: fault, isTransient: !LASTING.test(reason) })
}

/** The innermost code there is, else the innermost message. */
function reasonOf(chain: readonly Error[]): string {
  const codes = chain.flatMap((each) =>
    'code' in each && typeof each.code === 'string' && each.code !== '' ? [each.code] : [],
  )
  const messages = chain.map(({ message }) => message).filter((message) => message !== '')
  return codes.at(-1) ?? messages.at(-1) ?? 'unknown reason'
}

/** A fault and what caused it, outermost first; of several that failed together, the first. */
function chainOf(fault: unknown): readonly Error[] {
  const chain: Error[] = []
  let next = fault
  while (next instanceof Error && chain.length < 8) {
    chain.push(next)
    next = next instanceof AggregateError ? next.errors[0] : next.cause
  }
  return chain
}
