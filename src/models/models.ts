import type { LanguageModelV3 } from '@ai-sdk/provider'

import type { Clock } from '../kernel/clock.ts'
import { hashJson } from '../kernel/hash.ts'
import type { Json } from '../kernel/json.ts'
import type { Log } from '../kernel/log.ts'
import { present } from '../kernel/present.ts'
import type { Random } from '../kernel/random.ts'
import type { Telemetry } from '../kernel/telemetry.ts'

import { raceAbort } from './calls/deadline.ts'
import { createIdempotency } from './calls/idempotency.ts'
import { loadSchemaChecker } from './calls/json-schema.ts'
import type { TextListener } from './calls/tell.ts'
import { createCatalog, type ProviderStatus, type Secrets } from './catalog/catalog.ts'
import { BUILTIN, formatModelReference } from './catalog/model-reference.ts'
import { lazy } from './lazy.ts'
import type { CreateGuards } from './limits/guards.ts'
import { generateCall, streamCall } from './model-calls.ts'
import { findDestination, prepareCall } from './prepare.ts'
import type { Fetch, LoadProvider } from './providers/load-provider.ts'
import type { ProviderConfig } from './providers/schema.ts'
import { createRegistry } from './registry.ts'
import type { GenerateRequest, Generation, StreamPart, Usage } from './schema.ts'
import { expandTask } from './tasks/expand-task.ts'
import type { TaskInput, TaskName, TaskOutput } from './tasks/schema.ts'
import { parseTaskOutput } from './tasks/tasks.ts'
import { countRequest, estimateRequest, type TokenEstimate } from './tokens/estimate.ts'
import { estimateTokens, loadTokenCounter, type TokenCounter } from './tokens/tokens.ts'

/** Everything the models service needs from the outside world. */
export interface ModelsDeps {
  /** Configured sources; OpenAI, Anthropic and Google are known without. */
  readonly providers: readonly ProviderConfig[]
  /** @defaultValue the first provider that has a key and a default model, else `builtin` */
  readonly defaultModel?: string | undefined
  /** A secret by its name, such as `OPENAI_API_KEY`. */
  readonly secrets: Secrets
  /** Loads the offline model at its first use; see `createBuiltinModel`. */
  readonly loadBuiltin: () => Promise<LanguageModelV3>
  /** Calls of the offline model that compute side by side: its threads. @defaultValue 1 */
  readonly maxBuiltin?: number | undefined
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly telemetry: Telemetry
  readonly fetch: Fetch
  /** @defaultValue the adapters over HTTP */
  readonly loadProvider?: LoadProvider
  readonly createGuards: CreateGuards
}

/** How a call is made. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** One key for one request: a repeat within ten minutes returns the first one's result. */
  readonly idempotencyKey?: string | undefined
}

/** How an answer is asked for. */
export interface GenerateOptions extends CallOptions {
  /**
   * Hears the text of the answer as it comes, at the latest with the result: an answer from memory
   * is told at once.
   */
  readonly listener?: TextListener | undefined
}

/** How a task is run. */
export interface TaskOptions extends CallOptions {
  /** @defaultValue the default model */
  readonly model?: string | undefined
  readonly maxOutputTokens?: number | undefined
  readonly timeoutMs?: number | undefined
}

/** What a task gave. */
export interface TaskResult<Name extends TaskName> {
  readonly output: TaskOutput<Name>
  /** Quotes, terms and references left out because the text does not hold them. */
  readonly dropped: number
  readonly usage: Usage
  readonly model: string
  readonly provider: string
  readonly latencyMs: number
  /** Part of it that was spent waiting for a turn. */
  readonly queuedMs: number
  readonly attempts: number
  readonly warnings: readonly string[]
}

/** Language models by reference, whichever provider they come from. */
export interface Models {
  /** @throws {@link ModelCallError} and the errors of `request-errors.ts`. */
  generate(request: GenerateRequest, options?: GenerateOptions): Promise<Generation>
  /**
   * Like `generate`, part by part. A reader that leaves stops the provider.
   *
   * @remarks The key of `options` only reaches the provider: a stream is not remembered.
   */
  stream(request: GenerateRequest, options?: CallOptions): AsyncIterable<StreamPart>
  /**
   * Does a task on given material, on any model.
   *
   * @throws {@link InvalidOutputError} nothing of the answer could be verified.
   */
  run<Name extends TaskName>(
    task: Name,
    input: TaskInput<Name>,
    options?: TaskOptions,
  ): Promise<TaskResult<Name>>
  /** Tokens of a text for a model; the first call for one that is not `builtin` is slow. */
  countTokens(text: string, model?: string): Promise<number>
  /** The same as a function, for callers that count much. */
  tokenCounter(model?: string): Promise<TokenCounter>
  /** What a request may cost at most: reserve this before calling. */
  estimate(request: GenerateRequest): Promise<TokenEstimate>
  /** The full reference of a model; checks that it may be named. */
  resolve(model?: string): string
  /** One sentence to print once when answers come from the offline model for want of a key. */
  defaultNotice(): string | undefined
  /** Every provider that can be named, and whether it has its key. */
  listProviders(): readonly ProviderStatus[]
}

/**
 * Builds the models service; called once, from the composition root.
 *
 * @throws {@link InvalidProvidersError} {@link UnknownProviderError} {@link UnknownModelError}
 */
export function createModels(deps: ModelsDeps): Models {
  const catalog = createCatalog(deps)
  const loadProvider = deps.loadProvider ?? loadHttp
  const registry = createRegistry({ ...deps, catalog, loadProvider })
  const loadCounter = lazy(loadTokenCounter)
  const prepareDeps = {
    catalog,
    registry,
    random: deps.random,
    loadCounter,
    loadChecker: lazy(loadSchemaChecker),
  }
  const idempotency = createIdempotency<Generation>(deps.clock)
  const tokenCounter = async (model?: string): Promise<TokenCounter> =>
    catalog.resolve(model).provider === BUILTIN ? estimateTokens : loadCounter()
  // The offline model knows its whole answer before it says any of it.
  const speechless = new Set([BUILTIN])
  const answer: Models['generate'] = (request, { signal, idempotencyKey, listener } = {}) => {
    const work = async (): Promise<Generation> => {
      const call = await prepareCall(prepareDeps, request, idempotencyKey)
      return generateCall(deps, call, { signal, telling: listener && { listener, speechless } })
    }
    if (idempotencyKey === undefined) return work()
    const shared = idempotency.run(idempotencyKey, hashJson(plain(request)), work)
    // Who waits for another's call must still be able to leave.
    return signal === undefined ? shared : raceAbort(shared, signal)
  }
  const generate: Models['generate'] = (request, options = {}) =>
    options.listener === undefined
      ? answer(request, options)
      : tellAll(options.listener, (listener) => answer(request, { ...options, listener }))
  return {
    generate,
    async *stream(request, { signal, idempotencyKey } = {}) {
      const call = await prepareCall(prepareDeps, request, idempotencyKey)
      yield* streamCall(deps, call, signal)
    },
    run: (task, input, options) => runTask(generate, { task, input, options }),
    countTokens: async (text, model) => (await tokenCounter(model))(text),
    tokenCounter,
    async estimate(request) {
      const { model, target } = findDestination(catalog, request.model)
      const expanded = expandTask(request)
      const count = await tokenCounter(request.model)
      return estimateRequest(expanded, {
        count,
        isOwnTokenizer: target.kind === 'openai' || model === BUILTIN,
        maxOutputTokens:
          model === BUILTIN
            ? Math.max(target.maxOutputTokens, BUILTIN_GROWTH * countRequest(expanded, count))
            : (request.maxOutputTokens ?? target.maxOutputTokens),
        hasRepair: expanded.output !== undefined && model !== BUILTIN,
      })
    },
    resolve: (model) => formatModelReference(catalog.resolve(model)),
    defaultNotice: () => catalog.notice,
    listProviders: () => catalog.providers,
  }
}

/** Tells the text of an answer of which nothing was told: somebody else has asked for it before. */
async function tellAll(
  listener: TextListener,
  ask: (listener: TextListener) => Promise<Generation>,
): Promise<Generation> {
  let isTold = false
  const generation = await ask({
    tell(text) {
      isTold = true
      listener.tell(text)
    },
    startOver() {
      if (isTold) listener.startOver()
      isTold = false
    },
  })
  if (!isTold && generation.text !== '') listener.tell(generation.text)
  return generation
}

/** The offline model quotes, and its lists say a quote at most this often, with what is found of it. */
const BUILTIN_GROWTH = 4

async function runTask<Name extends TaskName>(
  generate: Models['generate'],
  call: { task: Name; input: TaskInput<Name>; options: TaskOptions | undefined },
): Promise<TaskResult<Name>> {
  const { signal, idempotencyKey, ...settings } = call.options ?? {}
  const task = { name: call.task, input: plainObject(call.input) }
  const request = { ...settings, task, messages: [] }
  const { output, dropped = 0, ...rest } = await generate(request, { signal, idempotencyKey })
  const { usage, model, provider, latencyMs, queuedMs, attempts, warnings } = rest
  const value = parseTaskOutput(call.task, present(output, 'task output'))
  return { output: value, dropped, usage, model, provider, latencyMs, queuedMs, attempts, warnings }
}

const loadHttp: LoadProvider = async (access) => {
  const { loadHttpProvider } = await import('./providers/providers-http.ts')
  return loadHttpProvider(access)
}

function plain(value: object): Json {
  const copy: Json = JSON.parse(JSON.stringify(value))
  return copy
}

function plainObject(value: object): Record<string, Json> {
  const copy: Record<string, Json> = JSON.parse(JSON.stringify(value))
  return copy
}
