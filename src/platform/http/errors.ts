import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when a URL cannot be called: it is no URL, or holds a user name or password. */
export class InvalidUrlError extends PlatformError {
  readonly code = 'http.invalid-url'

  constructor(shown: string, reason: string) {
    super(`"${shown}" cannot be called: ${reason}`, {
      hint: 'write an absolute URL; credentials belong into a header',
      details: { url: shown },
    })
  }
}

/** Thrown when a URL, or a redirect, has a scheme other than http and https. */
export class ForbiddenSchemeError extends PlatformError {
  readonly code = 'http.scheme'

  constructor(shown: string, scheme: string) {
    super(`"${shown}" cannot be called: only http and https are, not "${scheme}"`, {
      details: { url: shown, scheme },
    })
  }
}

/** Thrown when a host is, or resolves to, an address that is not on the public internet. */
export class PrivateAddressError extends PlatformError {
  readonly code = 'http.private-address'

  constructor(host: string, address: string) {
    const is = host === address ? 'is not' : `resolves to ${address}, which is not`
    super(`"${host}" ${is} a public address`, {
      hint: `to allow it, add it to the allowed private hosts: "${host}", "${host}:PORT" or a range such as "10.0.0.0/8"`,
      details: { host, address },
    })
  }
}

/** Thrown when an entry of the list of allowed private hosts is none. */
export class InvalidAllowedHostError extends PlatformError {
  readonly code = 'http.invalid-allowed-host'

  constructor(entry: string) {
    super(`"${entry}" is neither a host, nor host:port, nor a range of addresses`, {
      hint: 'write "localhost", "127.0.0.1:8080", "[::1]:80", "*.corp.example" or "10.0.0.0/8"',
      details: { entry },
    })
  }
}

/** Thrown when a response is larger than the caller takes. */
export class ResponseTooLargeError extends PlatformError {
  readonly code = 'http.too-large'

  constructor(url: string, maxBytes: number) {
    super(`the response of ${url} is larger than ${maxBytes} bytes`, {
      hint: 'raise "maxBytes", or ask for less',
      details: { url, maxBytes },
    })
  }
}

/** Thrown when a host redirects too often, or to nowhere. */
export class TooManyRedirectsError extends PlatformError {
  readonly code = 'http.redirects'

  constructor(url: string, reason: string) {
    super(`${url} redirects ${reason}`, {
      hint: 'call the final address, or raise "followRedirects"',
      details: { url },
    })
  }
}

/** Thrown when there was no whole response in time. */
export class HttpTimeoutError extends PlatformError {
  readonly code = 'http.timeout'
  readonly isTransient = true

  constructor(url: string, timeoutMs: number) {
    super(`${url} did not answer within ${timeoutMs} ms`, {
      hint: 'raise "timeoutMs", or add "retry"',
      details: { url, timeoutMs },
    })
  }
}

/** Thrown when a host cannot be reached, or the connection breaks. */
export class NetworkError extends PlatformError {
  readonly code = 'http.network'
  readonly isTransient: boolean

  /** @param reason - the system's code or message */
  constructor(
    url: string,
    reason: string,
    options: { readonly cause: unknown; readonly isTransient: boolean },
  ) {
    super(`${url} could not be reached: ${reason}`, {
      hint: 'check the host name, the port and the network',
      details: { url, reason },
      cause: options.cause,
    })
    this.isTransient = options.isTransient
  }
}

/** Thrown when a response is not what its headers say. */
export class GarbledResponseError extends PlatformError {
  readonly code = 'http.garbage'

  constructor(url: string, reason: string, cause?: unknown) {
    super(`the response of ${url} ${reason}`, {
      hint: 'check that this is the right address; parse: text shows what it sends',
      details: { url },
      ...(cause !== undefined && { cause }),
    })
  }
}
