import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'

const COMMON = ['Type', 'Comment', 'QueryLanguage', 'Next', 'End', 'Output', 'Assign']
const PATHS = ['InputPath', 'OutputPath', 'Parameters', 'ResultPath', 'ResultSelector']
const FAULTS = ['Retry', 'Catch']

/** The fields of each type of state that are brought over. */
export const KNOWN_FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pass: [...COMMON, ...PATHS, 'Result'],
  Task: [...COMMON, ...PATHS, ...FAULTS, 'Resource', 'Arguments', 'TimeoutSeconds'],
  Choice: [...COMMON, ...PATHS, 'Choices', 'Default'],
  Wait: [...COMMON, ...PATHS, 'Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'],
  Succeed: [...COMMON, ...PATHS],
  Fail: [...COMMON, 'Error', 'Cause', 'ErrorPath', 'CausePath'],
  Parallel: [...COMMON, ...PATHS, ...FAULTS, 'Branches', 'Arguments'],
  Map: [
    ...COMMON,
    ...PATHS,
    ...FAULTS,
    'Items',
    'ItemsPath',
    'ItemSelector',
    'ItemProcessor',
    'Iterator',
    'MaxConcurrency',
  ],
}

/** Fields of a whole machine that are brought over. */
export const MACHINE_FIELDS = [
  'StartAt',
  'States',
  'Comment',
  'QueryLanguage',
  'TimeoutSeconds',
  'Version',
  'ProcessorConfig',
]

/** The states that may follow upon one. */
export function nextOf(state: JsonObject): readonly { readonly to: string; readonly at: string }[] {
  const lists = [state['Choices'], state['Catch']] as const
  const named = lists.flatMap((list, which) =>
    Array.isArray(list)
      ? list.map((each: Json, index) => ({
          to: textOf(each, 'Next'),
          at: `${which === 0 ? 'Choices' : 'Catch'}/${index}/Next`,
        }))
      : [],
  )
  return [
    { to: textOf(state, 'Next'), at: 'Next' },
    { to: textOf(state, 'Default'), at: 'Default' },
    ...named,
  ].filter(({ to }) => to !== '')
}

function textOf(value: Json, name: string): string {
  const member = isJsonObject(value) ? value[name] : undefined
  return typeof member === 'string' ? member : ''
}
