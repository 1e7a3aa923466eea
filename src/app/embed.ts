import type { Json } from '../kernel/json.ts'
import { silentLog } from '../kernel/log.ts'
import { noTelemetry } from '../kernel/telemetry.ts'
import { systemClock } from '../platform/clock.ts'
import { createSystemRandom } from '../platform/random.ts'
import type { CodeWorkflow, RunRecord, StepKind } from '../workflow/index.ts'

import { openPlatform, type Platform } from './compose.ts'
import { type Config, config } from './config.ts'
import { RunFailedError } from './errors.ts'
import type { Surroundings } from './surroundings.ts'

/** How PRSM is opened inside another program; every setting of the configuration may be given. */
export interface OpenOptions extends Partial<Config> {
  /** Workflows written in TypeScript that this process can run. */
  readonly workflows?: readonly Pick<CodeWorkflow<unknown>, 'kind'>[]
  /** Kinds of step of your own. */
  readonly kinds?: readonly StepKind[]
  /** Whether it also takes up runs that other processes started. @defaultValue true */
  readonly claims?: boolean
  readonly surroundings?: Partial<Surroundings>
}

/** PRSM inside another program. */
export interface Prsm {
  /**
   * Runs a workflow to its end.
   *
   * @returns what it gave.
   * @throws {@link RunFailedError} it failed, was cancelled, or waits for somebody.
   */
  run<Inputs>(workflow: CodeWorkflow<Inputs>, inputs: Inputs): Promise<Json>
  /** Begins a workflow; its creation is committed when this resolves. */
  start<Inputs>(workflow: CodeWorkflow<Inputs>, inputs: Inputs): Promise<RunRecord>
  /** The end of a run that this process drives. @throws {@link RunFailedError} */
  result(run: string): Promise<Json>
  readonly platform: Platform
  close(graceMs?: number): Promise<void>
}

/** Opens PRSM inside another program, with a worker in this process. */
export async function openPrsm(options: OpenOptions = {}): Promise<Prsm> {
  const { workflows = [], kinds = [], claims = true, surroundings = {}, ...settings } = options
  const platform = await openPlatform(
    config.parse(settings),
    { ...plainSurroundings(), ...surroundings },
    { worker: claims ? 'all' : 'own', kinds: [...kinds, ...workflows.map(({ kind }) => kind)] },
  )
  const { tenant } = platform.config
  const start: Prsm['start'] = async (workflow, inputs) => {
    const checked = workflow.inputs.parse(inputs)
    const asJson: Json = JSON.parse(JSON.stringify(checked))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- inputs of a workflow are an object
    const values = asJson as Record<string, Json>
    return platform.workflows.submit({ tenant, definition: workflow.definition, inputs: values })
  }
  const result: Prsm['result'] = async (run) => {
    const state = await platform.engine?.left(run)
    if (state?.status === 'completed') return state.output
    const record = await platform.workflows.getRun(tenant, run)
    if (record.status !== 'completed') throw new RunFailedError(record)
    return outputOf(platform, record)
  }
  return {
    platform,
    start,
    result,
    run: async (workflow, inputs) => result((await start(workflow, inputs)).id),
    close: (graceMs) => platform.close(graceMs),
  }
}

async function outputOf({ workflows }: Platform, { tenant, id }: RunRecord): Promise<Json> {
  const events = await workflows.listEvents(tenant, id)
  const last = events.findLast(({ event }) => event.kind === 'run.completed')
  return last?.event.kind === 'run.completed' ? last.event.data.output : null
}

function plainSurroundings(): Surroundings {
  return {
    clock: systemClock,
    random: createSystemRandom(),
    log: silentLog,
    telemetry: noTelemetry,
    secrets: () => undefined,
    keys: () => undefined,
    environment: {},
  }
}
