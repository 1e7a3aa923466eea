import type { Clock } from '../kernel/clock.ts'
import { PlatformError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Telemetry, TelemetryAttributes } from '../kernel/telemetry.ts'

import type { Generation } from './schema.ts'

/** What a call is observed with. */
export interface ObserveDeps {
  readonly clock: Clock
  readonly log: Log
  readonly telemetry: Telemetry
}

/** Names a call to observers; nothing of what is said in it. */
export interface CallName {
  readonly provider: string
  readonly model: string
  readonly task: string | undefined
}

/**
 * Runs a call inside a span, and records its duration and tokens.
 *
 * @remarks Names and units follow the OpenTelemetry semantic conventions for generative AI
 * (docs/sources.md#otel-genai): seconds, tokens by type. Prompts and answers are never recorded.
 */
export async function observeCall(
  deps: ObserveDeps,
  name: CallName,
  work: () => Promise<Generation>,
): Promise<Generation> {
  const attributes = attributesOf(name)
  const startMs = deps.clock.now()
  const record = (outcome: string): void =>
    deps.telemetry.observe(
      'gen_ai.client.operation.duration',
      (deps.clock.now() - startMs) / 1_000,
      {
        ...attributes,
        'error.type': outcome,
      },
    )
  try {
    const generation = await deps.telemetry.span(`chat ${name.model}`, attributes, work)
    record('none')
    recordTokens(deps, attributes, generation)
    return generation
  } catch (fault) {
    record(fault instanceof PlatformError ? fault.code : 'other')
    throw fault
  }
}

function attributesOf({ provider, model, task }: CallName): TelemetryAttributes {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    ...(task === undefined ? {} : { 'prsm.task': task }),
  }
}

function recordTokens(
  { log, telemetry }: ObserveDeps,
  attributes: TelemetryAttributes,
  generation: Generation,
): void {
  const { usage, provider, model, latencyMs, attempts, finishReason, dropped = 0 } = generation
  for (const [type, amount] of [
    ['input', usage.inputTokens],
    ['output', usage.outputTokens],
  ] as const) {
    telemetry.observe('gen_ai.client.token.usage', amount, {
      ...attributes,
      'gen_ai.token.type': type,
    })
  }
  if (dropped > 0) telemetry.count('prsm.models.dropped_quotes', dropped, attributes)
  const { inputTokens, outputTokens } = usage
  const fields = { provider, model, latencyMs, attempts, finishReason, inputTokens, outputTokens }
  log.debug('models.answered', { ...fields, dropped })
}
