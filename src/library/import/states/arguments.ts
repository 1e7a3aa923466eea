import type { Json, JsonObject } from '../../../kernel/json.ts'

import type { StateContext } from './context.ts'
import { toSource, toTemplate } from './expressions.ts'
import { pathSource, payloadSource } from './paths.ts'

/** Whether a state is written in JSONata, rather than in JSONPath. */
export function isJsonata(state: JsonObject, { language }: StateContext): boolean {
  return (state['QueryLanguage'] ?? language) === 'JSONata'
}

/** What a state works on, as JSONata text: its input, cut and reshaped as it says. */
export function argumentsOf(state: JsonObject, context: StateContext): string {
  const { scope } = context
  if (isJsonata(state, context)) {
    const given = state['Arguments']
    return given === undefined
      ? scope.input
      : toSource(toTemplate(given, scope, at(context, 'Arguments')))
  }
  const { InputPath, Parameters } = state
  const input =
    InputPath === null
      ? '{}'
      : pathSource(textOr(InputPath, '$'), scope.input, at(context, 'InputPath'))
  return Parameters === undefined
    ? input
    : payloadSource(Parameters, input, at(context, 'Parameters'))
}

/** A place within a state. */
export function at(
  { path, findings }: StateContext,
  field: string,
): Pick<StateContext, 'path' | 'findings'> {
  return { path: `${path}/${field}`, findings }
}

/** A text, or what stands for one. */
export function textOr(value: Json | undefined, other: string): string {
  return typeof value === 'string' ? value : other
}
