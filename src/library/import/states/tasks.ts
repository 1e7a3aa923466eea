import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import type { ResourceMapping } from '../schema.ts'

import { objectIn } from './expressions.ts'
import type { Place } from './paths.ts'

/** The step of a task, and what its result is in the shape the States Language gives it. */
export interface TaskStep {
  readonly uses: string
  readonly with: JsonObject
  /** JSONata text over `$output`. */
  readonly result: string
}

const HTTP = 'arn:aws:states:::http:invoke'
const LAMBDA = 'arn:aws:states:::lambda:invoke'

/** What stands for a task that nothing stands for; there is no such kind, so it is found. */
const UNMAPPED = 'unmapped'

/** The step that does what a task's resource did, with these arguments. */
export function taskStep(
  resource: string,
  args: Json,
  {
    resources,
    place,
  }: { readonly resources: Readonly<Record<string, ResourceMapping>>; readonly place: Place },
): TaskStep {
  const { FunctionName, Payload = {} } = objectIn(args)
  const isLambda = resource === LAMBDA
  const named = isLambda && typeof FunctionName === 'string' ? FunctionName : resource
  const mapping = resources[named] ?? resources[lastName(named)] ?? resources[resource]
  if (mapping !== undefined) {
    const given = isLambda ? Payload : args
    const result = isLambda ? '{"Payload": $output, "StatusCode": 200}' : '$output'
    return { uses: mapping.uses, with: withInput(mapping, given), result }
  }
  if (resource === HTTP) return httpStep(objectIn(args), place)
  place.findings.error(
    `${place.path}/Resource`,
    `nothing stands for ${named}`,
    'map it to a step: {"resources": {"NAME": {"uses": "code", "with": {"module": …, "function": …}}}}',
  )
  return { uses: UNMAPPED, with: { resource: named, input: args }, result: '$output' }
}

/** `arn:aws:lambda:eu-1:123:function:charge:live` is `charge`. */
function lastName(resource: string): string {
  return /:function:([^:]+)/.exec(resource)?.[1] ?? resource
}

function withInput({ uses, with: fixed = {}, input }: ResourceMapping, args: Json): JsonObject {
  if (input === undefined && uses === 'http') return { ...fixed, ...objectIn(args) }
  return { ...fixed, [input ?? 'input']: args }
}

function httpStep(args: JsonObject, { path, findings }: Place): TaskStep {
  const at = `${path}/Arguments`
  findings.unknown(at, args, ['ApiEndpoint', 'Method', 'Headers', 'QueryParameters', 'RequestBody'])
  const { ApiEndpoint, Method, Headers, QueryParameters, RequestBody } = args
  return {
    uses: 'http',
    with: {
      url: ApiEndpoint ?? '',
      ...(Method !== undefined && { method: Method }),
      ...(isJsonObject(Headers) && { headers: Headers }),
      ...(QueryParameters !== undefined && { query: QueryParameters }),
      ...(RequestBody !== undefined && { body: RequestBody }),
    },
    result:
      '{"ResponseBody": $output.body, "StatusCode": $output.status, "Headers": $output.headers}',
  }
}
