import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when a Restate server does not answer. */
export class RestateUnreachableError extends PlatformError {
  readonly code = 'restate.unreachable'

  constructor(url: string, cause: unknown) {
    super(`no Restate server answers at ${url}`, {
      hint: 'start one (npx @restatedev/restate-server), or correct restateUrl and restateAdminUrl',
      details: { url },
      cause,
    })
  }
}

/** Thrown when a Restate server answers with a failure. */
export class RestateRefusedError extends PlatformError {
  readonly code = 'restate.refused'

  constructor(url: string, { status, text }: { readonly status: number; readonly text: string }) {
    super(`Restate at ${url} answers ${status}: ${text.slice(0, 300)}`, {
      hint: 'its log tells more; it must reach the workers at restateServiceUrl',
      details: { url, status },
    })
  }
}

/** Thrown when a worker cannot listen for Restate. */
export class RestatePortError extends PlatformError {
  readonly code = 'restate.port-in-use'

  constructor(host: string, port: number, cause: unknown) {
    super(`port ${port} on ${host}, on which Restate reaches this worker, is in use`, {
      hint: 'choose another one with restatePort; several workers on one machine need one each, and a load balancer that restateServiceUrl names',
      details: { host, port },
      cause,
    })
  }
}
