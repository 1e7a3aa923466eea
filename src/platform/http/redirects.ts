import { InvalidUrlError, ForbiddenSchemeError } from './errors.ts'

/** What of a request a redirect can change. */
export interface Hop {
  readonly url: URL
  readonly method: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

/** Statuses that name another place. */
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Headers that may go to another origin; all others may hold secrets meant for the first one. */
const HARMLESS = new Set([
  'accept',
  'accept-language',
  'content-type',
  'idempotency-key',
  'user-agent',
])

/** Whether a status names another place. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status)
}

/**
 * A URL that may be called.
 *
 * @throws {@link InvalidUrlError} no absolute URL, or one with a user name or password.
 * @throws {@link ForbiddenSchemeError} neither http nor https.
 */
export function parseHttpUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href))
    throw new InvalidUrlError(clip(text), 'it is no absolute URL')
  const url = new URL(text, base?.href)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ForbiddenSchemeError(showUrl(url), url.protocol.replace(/:$/, ''))
  if (url.username !== '' || url.password !== '')
    throw new InvalidUrlError(showUrl(url), 'it holds a user name or password')
  url.hash = ''
  return url
}

/** A URL as it may be shown: the query and credentials can be secret. */
export function showUrl(url: URL): string {
  const host = url.host === '' ? '' : `//${url.host}`
  return clip(`${url.protocol}${host}${url.pathname}`)
}

/**
 * The request that follows a redirect.
 *
 * @remarks Source: RFC 9110 section 15.4 and the Fetch standard, which turn a POST into a GET for
 * 301, 302 and every method but HEAD for 303 (docs/sources.md#redirects). Stricter than both: to
 * another origin go only headers that are known to be harmless.
 */
export function followRedirect(from: Hop, status: number, location: string): Hop {
  const url = parseHttpUrl(location, from.url)
  const isSame = url.origin === from.url.origin
  const headers = isSame
    ? from.headers
    : Object.fromEntries(Object.entries(from.headers).filter(([name]) => HARMLESS.has(name)))
  const { method } = from
  const becomesGet =
    status === 303 ? method !== 'HEAD' && method !== 'GET' : status < 303 && method === 'POST'
  if (!becomesGet) return { ...from, url, headers }
  const rest = Object.entries(headers).filter(
    ([name]) => !name.startsWith('content-') && name !== 'idempotency-key',
  )
  return { url, method: 'GET', headers: Object.fromEntries(rest), body: undefined }
}

function clip(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 300)}…`
}
