import type { Pricing } from '../../pricing/index.ts'
import type { StepKinds } from '../definition/check.ts'
import type { CompiledWorkflow } from '../definition/compiled.ts'
import { RefusedError } from '../errors.ts'
import { foldRun } from '../history/fold.ts'
import { workflowOf } from '../host/definitions.ts'
import type { RunStore } from '../host/run-store.ts'
import type { RunRecord } from '../schema.ts'
import type { Workflows } from '../workflows.ts'

import { UnknownIncidentError } from './errors.ts'
import type { IncidentRange, IncidentStore } from './incident-store.ts'
import { planRollback } from './plan.ts'
import type { Incident, Resolution, RollbackPlan } from './schema.ts'

/** What the service needs. */
export interface RollbacksDeps {
  readonly store: RunStore
  readonly incidents: IncidentStore
  readonly workflows: Pick<Workflows, 'getRun' | 'control'>
  readonly kinds: StepKinds
  readonly pricing: Pricing
}

/** Who asks for something, and what is to be remembered of it. */
export interface Asking {
  readonly by: string
  readonly note?: string
}

/** Going back: by plan, by request, and by decision where a run waits for one. */
export interface Rollbacks {
  /**
   * What a rollback would do, to the run as it is.
   *
   * @throws {@link UnknownRunError}
   */
  plan(tenant: string, run: string, to?: string): Promise<RollbackPlan>
  /**
   * Asks a run that has ended, or is paused, to go back; it does so as soon as a worker hears of it.
   *
   * @throws {@link UnknownRunError} {@link RefusedError} it cannot, as it is.
   */
  rollBack(
    tenant: string,
    run: string,
    request: Asking & { readonly to?: string },
  ): Promise<RunRecord>
  /**
   * Decides about a run that waits for a decision.
   *
   * @throws {@link UnknownRunError} {@link RefusedError} it does not wait for one.
   */
  resolve(
    tenant: string,
    run: string,
    decision: Asking & { readonly resolution: Resolution },
  ): Promise<RunRecord>
  listIncidents(range: IncidentRange): Promise<readonly Incident[]>
  /** @throws {@link UnknownIncidentError} */
  getIncident(tenant: string, id: string): Promise<Incident>
  /**
   * Tells that an incident was finished by hand.
   *
   * @throws {@link UnknownIncidentError} {@link RefusedError} its run waits for a decision instead.
   */
  closeIncident(tenant: string, id: string, asking: Asking): Promise<Incident>
}

/** Builds the service; called once, from the composition root. */
export function createRollbacks(deps: RollbacksDeps): Rollbacks {
  const { incidents, workflows } = deps
  const getIncident: Rollbacks['getIncident'] = async (tenant, id) => {
    const found = await incidents.find(tenant, id)
    if (found === undefined) throw new UnknownIncidentError(id)
    return found
  }
  return {
    getIncident,
    plan: (tenant, run, to) => plan(deps, { tenant, run, to }),
    async rollBack(tenant, run, { by, to }) {
      const { isPossible, obstacle = '', status } = await plan(deps, { tenant, run, to })
      if (!isPossible) throw notPossible(obstacle, { run, status })
      return workflows.control(tenant, run, {
        action: 'rollback',
        by,
        ...(to !== undefined && { to }),
      })
    },
    async resolve(tenant, run, { by, resolution, note }) {
      const { status } = await workflows.getRun(tenant, run)
      const open = await incidents.list({ tenant, run, state: 'open', limit: 100 })
      const isAsked = open.some(({ reason }) => reason === 'manual_intervention')
      if (!isAsked) throw notPossible('the run does not wait for a decision', { run, status })
      return workflows.control(tenant, run, {
        action: 'resolve',
        by,
        resolution,
        ...(note !== undefined && { note }),
      })
    },
    listIncidents: (range) => incidents.list(range),
    async closeIncident(tenant, id, { by, note }) {
      const { run, reason, state } = await getIncident(tenant, id)
      if (reason === 'manual_intervention' && state === 'open') {
        const { status } = await workflows.getRun(tenant, run)
        throw notPossible('its run waits for a decision', { run, status })
      }
      const incident = Number(id.slice(id.lastIndexOf('_') + 1))
      const more = note !== undefined && { note }
      await workflows.control(tenant, run, { action: 'close-incident', by, incident, ...more })
      return getIncident(tenant, id)
    },
  }
}

interface Planning {
  readonly tenant: string
  readonly run: string
  readonly to: string | undefined
}

async function plan(
  { store, kinds, pricing, workflows }: RollbacksDeps,
  { tenant, run, to }: Planning,
): Promise<RollbackPlan> {
  const { definition, status } = await workflows.getRun(tenant, run)
  const compiled = new Map<string, CompiledWorkflow>()
  const workflow = await workflowOf({ deps: { store, kinds }, workflows: compiled }, definition)
  const state = foldRun(workflow, await store.readEvents(run))
  const costOf = (usage: Parameters<Pricing['costOf']>[0]): bigint =>
    usage.length === 0 ? 0n : pricing.costOf(usage)
  return { ...planRollback(state, { run, to, costOf }), status }
}

function notPossible(
  message: string,
  { run, status }: { readonly run: string; readonly status: string },
): RefusedError {
  return new RefusedError({
    code: 'workflow.not-possible',
    message,
    hint: `prsm rollback plan ${run} shows what is possible`,
    details: { run, status },
  })
}
