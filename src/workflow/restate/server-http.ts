import { RestateRefusedError, RestateUnreachableError } from './errors.ts'
import { RUNS } from './messages.ts'

/** Where a Restate server is. */
export interface RestateAddress {
  /** Where it takes calls. */
  readonly ingressUrl: string
  /** Where it is administered. */
  readonly adminUrl: string
}

/** A Restate server as workers and the doctor see it. */
export interface RestateServer {
  /** Has a run look into its inbox. Twice is as good as once. */
  wake(run: string): Promise<void>
  /** Has the server call this address from now on. */
  register(uri: string): Promise<void>
  /** Its version, and the address at which it calls workers; `undefined`: it knows of none. */
  examine(): Promise<RestateReport>
}

/** What a server tells of itself. */
export interface RestateReport {
  readonly version: string
  readonly workersAt: string | undefined
}

/** How long an answer may take, milliseconds. */
const PATIENCE_MS = 10_000

/** Builds the client of a Restate server. */
export function createRestateServer({ ingressUrl, adminUrl }: RestateAddress): RestateServer {
  return {
    async wake(run) {
      await call(`${ingressUrl}/${RUNS}/${encodeURIComponent(run)}/look/send`, post(null))
    },
    async register(uri) {
      await call(`${adminUrl}/deployments`, post({ uri, force: true }))
    },
    async examine() {
      await call(`${ingressUrl}/restate/health`)
      const { version } = await read<{ version: string }>(`${adminUrl}/version`)
      const { deployments } = await read<Deployments>(`${adminUrl}/deployments`)
      const ours = deployments.filter(({ services }) => services.some(({ name }) => name === RUNS))
      return { version, workersAt: ours.at(-1)?.uri }
    },
  }
}

interface Deployments {
  readonly deployments: readonly {
    readonly uri?: string
    readonly services: readonly { readonly name: string }[]
  }[]
}

function post(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
}

async function read<Value>(url: string): Promise<Value> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server's own description of itself
  return JSON.parse(await call(url)) as Value
}

async function call(url: string, init: RequestInit = {}): Promise<string> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) })
    text = await response.text()
  } catch (fault) {
    throw new RestateUnreachableError(url, fault)
  }
  if (!response.ok) throw new RestateRefusedError(url, { status: response.status, text })
  return text
}
