import { z } from 'zod'

import { microFtns } from '../../kernel/money.ts'

/** Why something failed, by what can be done about it. */
export const failureKind = z
  .enum([
    'step_execution_error',
    'resource_exhaustion',
    'timeout',
    'dependency_failure',
    'permission_denied',
    'network_error',
    'system_error',
    'user_cancellation',
    'cost_threshold_exceeded',
    'safety_violation',
  ])
  .meta({ id: 'FailureKind', description: 'Why something failed, by its error code' })
export type FailureKind = z.output<typeof failureKind>

/** What happens to a run when something in it has failed for good. */
export const rollbackStrategy = z
  .enum([
    'full_rollback',
    'partial_rollback',
    'compensate_only',
    'retry_failed_step',
    'skip_and_continue',
    'manual_intervention',
  ])
  .meta({
    id: 'RollbackStrategy',
    description:
      '`full_rollback`: everything is undone, and undone steps are as if they had never begun. `partial_rollback`: the same for the failed branch only, back to the last pivot at most. `compensate_only`: effects are undone, results are kept. `retry_failed_step`: the step begins again. `skip_and_continue`: the run goes on, with null for what the step would have given. `manual_intervention`: the run waits until somebody decides',
  })
export type RollbackStrategy = z.output<typeof rollbackStrategy>

/** What is done in the course of a rollback. */
export const rollbackAction = z
  .enum([
    'restore_state',
    'deallocate_resources',
    'cleanup_artifacts',
    'refund_credits',
    'send_notification',
    'log_incident',
    'compensate_effects',
    'reset_dependencies',
  ])
  .meta({ id: 'RollbackAction' })
export type RollbackAction = z.output<typeof rollbackAction>

/** How an action, or a rollback as a whole, has ended. */
export const rollbackResult = z
  .enum(['success', 'partial_success', 'failed', 'skipped', 'manual_required'])
  .meta({ id: 'RollbackResult' })
export type RollbackResult = z.output<typeof rollbackResult>

/** What somebody decides about a run that waits for that. */
export const resolution = z.enum(['retry', 'skip', 'compensate', 'give_up']).meta({
  id: 'Resolution',
  description:
    '`retry` the failed steps, `skip` them and go on, `compensate` what was done, or `give_up` and leave it as it is',
})
export type Resolution = z.output<typeof resolution>

/** A unit that would be undone, or would not. */
export const plannedUnit = z
  .strictObject({
    step: z.string(),
    index: z.int().min(0).optional(),
    uses: z.string().optional().describe('The kind of step that undoes it'),
    stage: z.int().min(1).optional().describe('Units of one stage are undone side by side'),
    cost: microFtns.optional().describe('What undoing it is expected to cost'),
    reason: z
      .enum(['pivot', 'no_compensation', 'not_selected'])
      .optional()
      .describe('Why it stays'),
  })
  .meta({ id: 'PlannedUnit' })
export type PlannedUnit = z.output<typeof plannedUnit>

/** What a rollback would do; nothing is done. */
export const rollbackPlan = z
  .strictObject({
    run: z.string(),
    status: z.string().describe('Of the run'),
    strategy: rollbackStrategy,
    to: z.string().optional().describe('The step that stays, with everything it needs'),
    isPossible: z.boolean(),
    obstacle: z.string().optional().describe('Why it is not possible now'),
    undo: z.array(plannedUnit).describe('In this order'),
    keep: z.array(plannedUnit).describe('Units that were done and stay'),
    reset: z.array(z.string()).describe('Steps that a resumed run does again'),
    cleanup: z.array(plannedUnit).describe('What steps registered for removal'),
    cost: microFtns.describe('What undoing is expected to cost'),
    refund: microFtns.describe('What is set aside for the run now and is freed at its end'),
  })
  .meta({ id: 'RollbackPlan' })
export type RollbackPlan = z.output<typeof rollbackPlan>

/** Where an incident stands. */
export const incidentState = z.enum(['open', 'resolved']).meta({ id: 'IncidentState' })
export type IncidentState = z.output<typeof incidentState>

/** Something that a person has to finish by hand, with everything that takes. */
export const incident = z
  .strictObject({
    id: z.string().describe('`inc_…`'),
    run: z.string(),
    state: incidentState,
    reason: z
      .enum(['manual_intervention', 'undo_failed', 'cleanup_failed'])
      .describe('A run waits for a decision, or something could not be undone or removed'),
    failure: failureKind,
    step: z.string().optional(),
    index: z.int().min(0).optional(),
    openedAt: z.int().describe('Unix epoch, milliseconds'),
    resolvedAt: z.int().optional(),
    resolvedBy: z.string().optional(),
    resolution: z.string().optional(),
    note: z.string().optional(),
    details: z
      .record(z.string(), z.json())
      .describe(
        'The error; what undoes the step, what it was given and gave; the key of the effect',
      ),
  })
  .meta({ id: 'Incident' })
export type Incident = z.output<typeof incident>
