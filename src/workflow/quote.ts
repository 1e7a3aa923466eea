import type { JsonObject } from '../kernel/json.ts'
import { type MicroFtns, sumMicroFtns, toMicroFtns } from '../kernel/money.ts'
import type { Usage } from '../kernel/usage.ts'
import type { Pricing } from '../pricing/index.ts'

import type { CompiledStep, CompiledWorkflow } from './definition/compiled.ts'
import type { Bindings } from './expressions/expression.ts'
import type { FoundFiles } from './input-files.ts'
import type { Quote, QuoteLine } from './schema.ts'

/** Items a step with `forEach` is taken to have when nothing tells. */
const ASSUMED_ITEMS = 10
/** A run may cost this many times what is expected before it pauses, unless a budget says otherwise. */
const HEADROOM = 3n

/** What decides costs and budgets. */
export interface QuoteTerms {
  readonly pricing: Pricing
  /**
   * Least budget of a run that costs something and of which nothing says what it may cost, µFTNS.
   *
   * @remarks Every step reserves the most it may cost, which is far above what is expected of it;
   * where little is expected, a multiple of that would not let a single step begin.
   */
  readonly leastBudget: MicroFtns
}

/** What a quote is made from, beside the workflow and its inputs. */
export interface QuoteOptions extends QuoteTerms {
  /** Most the run may cost; by default what the definition says, or a multiple of what is expected. */
  readonly budget?: MicroFtns | undefined
  /** What was found at inputs that name files: `$files` of `forEach.expect`. */
  readonly files?: Readonly<Record<string, FoundFiles>> | undefined
}

/** What a run is expected to cost, and the most it may. */
export async function quoteRun(
  workflow: CompiledWorkflow,
  inputs: JsonObject,
  { pricing, leastBudget, budget, files = {} }: QuoteOptions,
): Promise<Quote> {
  const lines: QuoteLine[] = []
  for (const step of seenSteps(workflow))
    lines.push(await quoteStep(step, { inputs, files, steps: {} }, pricing))
  const expected = sumMicroFtns(lines.map(({ cost }) => cost))
  const units = new Map(lines.map((line) => [line.step, line.units]))
  const undoing = undoingCost(workflow, pricing, (step) => units.get(step) ?? 0)
  return {
    workflow: workflow.name,
    expected,
    budget: budget ?? workflow.budget ?? budgetFor({ expected, undoing, least: leastBudget }),
    lines: lines.filter(({ cost, usage }) => cost > 0n || usage.length > 0),
    assumptions: lines.flatMap(({ assumption }) => (assumption === undefined ? [] : [assumption])),
  }
}

/** The budget of a workflow without `forEach`, whatever its inputs; `undefined` for others. */
export function fixedBudget(
  workflow: CompiledWorkflow,
  { pricing, leastBudget }: QuoteTerms,
): MicroFtns | undefined {
  let expected = 0n
  for (const step of seenSteps(workflow)) {
    if (step.forEach !== undefined) return undefined
    const usage = step.kind.expect(step.raw.with).map((item) => withStated(item, step))
    expected += pricing.costOf(usage) * BigInt(passesOf(step))
  }
  const undoing = undoingCost(workflow, pricing, () => 1)
  return budgetFor({ expected, undoing, least: leastBudget })
}

/** The steps that a new run sees. */
function seenSteps({ steps }: CompiledWorkflow): readonly CompiledStep[] {
  return [...steps.values()].filter(({ until }) => until === undefined)
}

interface BudgetParts {
  /** Cost of doing everything, and of undoing it, µFTNS. */
  readonly expected: bigint
  readonly undoing: bigint
  readonly least: MicroFtns
}

/** Undoing is not expected, and so not in a quote; but there should be credit for it. */
function budgetFor({ expected, undoing, least }: BudgetParts): MicroFtns {
  const most = toMicroFtns(expected * HEADROOM + undoing)
  return most === 0n || most > least ? most : least
}

/** What it would cost to undo everything once, µFTNS. */
function undoingCost(
  { steps }: CompiledWorkflow,
  pricing: Pricing,
  unitsIn: (step: string) => number,
): bigint {
  let cost = 0n
  for (const { name, compensate } of steps.values()) {
    if (compensate === undefined) continue
    const each = pricing.costOf(compensate.kind.expect(compensate.raw))
    cost += each * BigInt(unitsIn(name))
  }
  return cost
}

/** How often a step is expected to be repeated. */
function passesOf({ repeat }: CompiledStep): number {
  return repeat === undefined ? 1 : Math.ceil(repeat.max / 2)
}

async function quoteStep(
  step: CompiledStep,
  bindings: Bindings,
  pricing: Pricing,
): Promise<QuoteLine> {
  const { units, assumption } = await unitsOf(step, bindings)
  const usage = step.kind.expect(step.raw.with).map((item) => withStated(item, step))
  const cost = toMicroFtns(pricing.costOf(usage) * BigInt(units))
  return { step: step.name, units, usage, cost, ...(assumption !== undefined && { assumption }) }
}

interface Units {
  readonly units: number
  readonly assumption?: string
}

async function unitsOf(step: CompiledStep, bindings: Bindings): Promise<Units> {
  const { name, forEach, repeat } = step
  const passes = passesOf(step)
  const loop =
    repeat === undefined ? undefined : `step "${name}": ${passes} passes of at most ${repeat.max}`
  if (forEach === undefined) {
    return { units: passes, ...(loop !== undefined && { assumption: loop }) }
  }
  const { constant } = forEach.items
  if (constant !== undefined && Array.isArray(constant.value))
    return { units: constant.value.length * passes }
  const stated = await forEach.expect?.evaluate(bindings)
  if (typeof stated === 'number' && Number.isFinite(stated)) {
    return { units: Math.max(0, Math.round(stated)) * passes }
  }
  return {
    units: ASSUMED_ITEMS * passes,
    assumption: `step "${name}": ${ASSUMED_ITEMS} items; "forEach.expect" says it better`,
  }
}

/** What the definition states under `resources` outweighs what the kind of step expects. */
function withStated(item: Usage, { raw }: CompiledStep): Usage {
  if (item.resource !== 'model_inference_tokens' || raw.tokens === undefined) return item
  const total = item.inputTokens + item.outputTokens
  const share = total === 0 ? 0 : item.outputTokens / total
  const outputTokens = Math.round(raw.tokens * share)
  return { ...item, inputTokens: raw.tokens - outputTokens, outputTokens }
}
