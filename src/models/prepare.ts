import type { LanguageModelV3Prompt } from '@ai-sdk/provider'

import type { Random } from '../kernel/random.ts'

import type { CallTarget } from './calls/call-options.ts'
import type { SchemaChecker } from './calls/json-schema.ts'
import type { PreparedCall } from './calls/prepared-call.ts'
import { toPrompt } from './calls/prompt.ts'
import type { Catalog } from './catalog/catalog.ts'
import { BUILTIN, formatModelReference } from './catalog/model-reference.ts'
import { ContextOverflowError } from './errors.ts'
import type { ProviderConfig } from './providers/schema.ts'
import type { Registry } from './registry.ts'
import { NoMaterialError } from './request-errors.ts'
import type { GenerateRequest, OutputContract } from './schema.ts'
import { expandTask } from './tasks/expand-task.ts'
import { READ_TOOLS, readingOf } from './tasks/material.ts'
import type { TaskCall } from './tasks/schema.ts'
import { parseTaskInput, sourceOf } from './tasks/tasks.ts'
import { countRequest } from './tokens/estimate.ts'
import { maxTokens, type TokenCounter } from './tokens/tokens.ts'

const DEFAULT_OUTPUT_TOKENS = 8_192
/** Local servers often have windows of 4 or 8 thousand, and refuse what cannot fit. */
const LOCAL_OUTPUT_TOKENS = 2_048
const DEFAULT_TIMEOUT_MS = 300_000

/** What requests are prepared with. */
export interface PrepareDeps {
  readonly catalog: Catalog
  readonly registry: Registry
  readonly random: Random
  readonly loadChecker: () => Promise<SchemaChecker>
  readonly loadCounter: () => Promise<TokenCounter>
}

/** The settings of the provider that a request goes to. */
export interface Destination {
  readonly reference: string
  readonly provider: string
  readonly model: string
  readonly config: ProviderConfig | undefined
  readonly target: CallTarget
}

/** Where a request goes; `undefined` means the default model. */
export function findDestination(catalog: Catalog, model: string | undefined): Destination {
  const reference = catalog.resolve(model)
  const isBuiltin = reference.provider === BUILTIN
  const config = isBuiltin ? undefined : catalog.getProvider(reference.provider).config
  return {
    reference: formatModelReference(reference),
    ...reference,
    config,
    target: {
      kind: config?.kind ?? BUILTIN,
      hasSchemaOutput: config?.kind !== 'openai-compatible' || (config.hasSchemaOutput ?? true),
      maxOutputTokens: config?.maxOutputTokens ?? defaultOutputTokens(config),
    },
  }
}

/** At most a quarter of a known window, so that the prompt has room. */
function defaultOutputTokens(config: ProviderConfig | undefined): number {
  const usual = config?.kind === 'openai-compatible' ? LOCAL_OUTPUT_TOKENS : DEFAULT_OUTPUT_TOKENS
  return config?.contextTokens === undefined
    ? usual
    : Math.min(usual, Math.ceil(config.contextTokens / 4))
}

/**
 * Checks a request and finds what its calls need.
 *
 * @throws {@link ContextOverflowError} the prompt cannot fit the configured window.
 * @throws {@link NoMaterialError} its task is on a file that nothing offered can read.
 */
export async function prepareCall(
  deps: PrepareDeps,
  request: GenerateRequest,
  idempotencyKey?: string,
): Promise<PreparedCall> {
  const destination = findDestination(deps.catalog, request.model)
  const { reference, provider, model, config, target } = destination
  const expanded = expandTask(request)
  assertMaterial(request, toPrompt(expanded))
  const checker = await loadCheckerFor(deps, request)
  await assertFits(deps, expanded, destination)
  return {
    reference,
    origin: { provider, model },
    request: expanded,
    target,
    runtime: await deps.registry.getRuntime(provider),
    checker,
    timeoutMs: request.timeoutMs ?? config?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    key: idempotencyKey ?? newKey(deps.random),
    hasRepair: provider !== BUILTIN,
  }
}

/** Only schemas of callers are checked; PRSM's own tasks do without the checker's load time. */
async function loadCheckerFor(
  { loadChecker }: PrepareDeps,
  { output, task }: GenerateRequest,
): Promise<SchemaChecker | undefined> {
  const schema = output ?? (task?.name === 'extract' ? extractSchema(task) : undefined)
  if (schema === undefined) return undefined
  const checker = await loadChecker()
  checker.assertUsable(schema.name, schema.schema)
  return checker
}

function extractSchema({ name, input }: TaskCall): OutputContract {
  return { name, schema: parseTaskInput('extract', input).schema }
}

/** A task on a file needs the file: read already, or a tool that reads it. */
function assertMaterial(
  { task, tools = [] }: GenerateRequest,
  prompt: LanguageModelV3Prompt,
): void {
  if (task === undefined) return
  const { text, path } = sourceOf(task.input)
  if (text !== undefined || path === undefined) return
  const isReadable = tools.some(({ name }) => READ_TOOLS.includes(name))
  if (isReadable || readingOf(prompt, path) !== undefined) return
  throw new NoMaterialError(task.name, `no tool is offered that reads "${path}"`)
}

async function assertFits(
  { loadCounter }: PrepareDeps,
  request: GenerateRequest,
  { provider, model, config, target }: Destination,
): Promise<void> {
  const windowTokens = config?.contextTokens
  if (windowTokens === undefined) return
  const outputTokens = request.maxOutputTokens ?? target.maxOutputTokens
  // The bound by length is free and nearly always settles it.
  if (countRequest(request, maxTokens) + outputTokens <= windowTokens) return
  const promptTokens = countRequest(request, await loadCounter())
  if (promptTokens + outputTokens <= windowTokens) return
  throw new ContextOverflowError(
    `has a window of ${windowTokens} tokens: a prompt of about ${promptTokens} and an answer of up to ${outputTokens} do not fit`,
    { provider, model, hint: 'shorten the messages, lower maxOutputTokens, or use a larger model' },
  )
}

function newKey(random: Random): string {
  const words = Array.from({ length: 4 }, () => random.uint32().toString(16).padStart(8, '0'))
  return `prsm-${words.join('')}`
}
