import type { JsonObject } from '../../kernel/json.ts'
import type { StepKind } from '../steps/step-kind.ts'

/**
 * Names the program that a step runs, as far as its definition shows it.
 *
 * @remarks A kind says which of its parameters tell programs apart; the text counts as it is
 * written, expressions included. Where none of them is given, `align_1` and `align_2` are the same.
 */
export function programOf(
  step: string,
  parameters: JsonObject,
  { name, programBy = [] }: Pick<StepKind, 'name' | 'programBy'>,
): string {
  const texts = programBy.flatMap((each) => {
    const value = parameters[each]
    return typeof value === 'string' ? [`${each}=${value}`] : []
  })
  return [name, ...(texts.length > 0 ? texts : [step.replace(/_?\d+$/, '')])].join(' ')
}
