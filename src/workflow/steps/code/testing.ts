import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect } from 'vitest'

import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { type Log, silentLog } from '../../../kernel/log.ts'
import type { RunRecord } from '../../schema.ts'
import type { Workflows } from '../../workflows.ts'
import type { StepKind, StepResult, StepTask } from '../step-kind.ts'

/** A task as the engine gives it to a step; all share one folder, for tests that leave nothing in it. */
export function createTestTask(given: Partial<StepTask> = {}): StepTask {
  const folder = join(tmpdir(), 'prsm-test-task')
  return {
    runId: 'run_test',
    tenant: 'default',
    step: 'step',
    attempt: 1,
    idempotencyKey: 'run_test/step',
    view: async () => ({ inputs: {}, steps: {} }),
    async folder() {
      await mkdir(folder, { recursive: true })
      return folder
    },
    signal: new AbortController().signal,
    log: silentLog,
    ...given,
  }
}

/** Runs a kind of step that works, as the engine would. */
export async function runKind(
  kind: StepKind,
  parameters: Json,
  given: Partial<StepTask> = {},
): Promise<StepResult> {
  const prepared = kind.prepare(parameters)
  if (prepared.kind === 'wait') throw new TypeError(`"${kind.name}" waits`)
  return prepared.run(createTestTask(given))
}

/** A log that keeps its lines. */
export function createKeptLog(): Log & { readonly lines: readonly unknown[] } {
  const lines: unknown[] = []
  const keep =
    (level: string) =>
    (event: string, fields?: unknown): void =>
      void lines.push({ level, event, ...(typeof fields === 'object' && fields) })
  const log: Log & { readonly lines: readonly unknown[] } = {
    lines,
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    child: () => log,
  }
  return log
}

/** What a promise is rejected with. */
export async function faultOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('it was expected to fail')
    },
    (fault: unknown) => fault,
  )
}

/** A run of one step, at its end. */
export interface OneStepRun {
  readonly record: RunRecord
  /** What the step gave; absent when it failed. */
  readonly output: Json | undefined
}

/** Runs a workflow of one step, named `work`, through the engine. */
export async function runOneStep(
  workflows: Workflows,
  step: Readonly<Record<string, Json>>,
  head: JsonObject = {},
): Promise<OneStepRun> {
  const definition = { apiVersion: 'prsm/v1', name: 'one-step', ...head, steps: { work: step } }
  const { id } = await workflows.submit({ tenant: 'default', definition, inputs: {} })
  const find = (): Promise<RunRecord> => workflows.getRun('default', id)
  await expect
    .poll(async () => (await find()).status, { timeout: 20_000, interval: 10 })
    .toMatch(/completed|failed/)
  const last = (await workflows.listEvents('default', id)).at(-1)?.event
  const outputs: Json = last?.kind === 'run.completed' ? last.data.output : {}
  return { record: await find(), output: isJsonObject(outputs) ? outputs['work'] : undefined }
}
