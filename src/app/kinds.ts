import {
  type AgentTool,
  createAgentKind,
  createCompressKind,
  createModelKind,
  toTool,
} from '../agents/index.ts'
import type { Breakers } from '../kernel/breakers.ts'
import { present } from '../kernel/present.ts'
import type { Models } from '../models/index.ts'
import { createHttpClient } from '../platform/http/http-client.ts'
import {
  createCodeKind,
  createFileKinds,
  createHttpKind,
  FLOW_KINDS,
  type StepKind,
  type StepKinds,
} from '../workflow/index.ts'

import type { Config } from './config.ts'
import type { Surroundings } from './surroundings.ts'

/** The kinds of step, and what stands behind them. */
export interface OpenKinds {
  readonly kinds: StepKinds
  close(): Promise<void>
}

/** What the kinds are made with. */
export interface KindsDeps extends Pick<Surroundings, 'clock' | 'environment'> {
  readonly models: Models
  readonly breakers: Breakers
  readonly config: Pick<Config, 'httpAllowPrivate'>
  /** Folders whose modules may be called. */
  readonly codeRoots: readonly string[]
  /** Kinds beside those that PRSM brings along. */
  readonly more: readonly StepKind[]
}

/** Opens all kinds of step. */
export function openKinds(deps: KindsDeps): OpenKinds {
  const { clock, environment, models, config, breakers } = deps
  const code = createCodeKind({ roots: deps.codeRoots, clock, environment })
  const client = createHttpClient({ clock, allowPrivate: config.httpAllowPrivate })
  const http = createHttpKind({ client, breakers })
  const files = createFileKinds()
  const kinds = [
    ...FLOW_KINDS,
    createModelKind(models),
    createAgentKind({ models, tools: toolsOf([...files, http]) }),
    createCompressKind(models),
    code,
    http,
    ...files,
    ...deps.more,
  ]
  return {
    kinds: new Map(kinds.map((kind) => [kind.name, kind])),
    async close() {
      await Promise.all([code.close(), client.close()])
    },
  }
}

/** What agents may use, by the kind of step that does it. */
const TOOLS = {
  'files.read': 'read_file',
  'files.list': 'list_files',
  'files.write': 'write_file',
  http: 'http_request',
} as const

function toolsOf(kinds: readonly StepKind[]): readonly AgentTool[] {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]))
  return Object.entries(TOOLS).map(([kind, name]) =>
    toTool(present(byName.get(kind), kind), { name }),
  )
}
