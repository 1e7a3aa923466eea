import { isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'

import { pathSource, type Place, textIn } from './paths.ts'

/** Comparisons of the JSONPath language that have an exact counterpart. */
const COMPARISONS: Readonly<Record<string, readonly [type: string, operator: string]>> = {
  StringEquals: ['string', '='],
  StringLessThan: ['string', '<'],
  StringGreaterThan: ['string', '>'],
  StringLessThanEquals: ['string', '<='],
  StringGreaterThanEquals: ['string', '>='],
  NumericEquals: ['number', '='],
  NumericLessThan: ['number', '<'],
  NumericGreaterThan: ['number', '>'],
  NumericLessThanEquals: ['number', '<='],
  NumericGreaterThanEquals: ['number', '>='],
  BooleanEquals: ['boolean', '='],
}

/** Tests of what a value is, for `true`. */
const TESTS: Readonly<Record<string, (value: string) => string>> = {
  IsPresent: (value) => `$exists(${value})`,
  IsNull: (value) => `($type(${value}) = "null")`,
  IsString: (value) => `($type(${value}) = "string")`,
  IsNumeric: (value) => `($type(${value}) = "number")`,
  IsBoolean: (value) => `($type(${value}) = "boolean")`,
}

/** The condition of a choice rule of the JSONPath language, as JSONata text. */
export function ruleSource(rule: JsonObject, input: string, place: Place): string {
  const { Next: _next, Comment: _comment, Variable, ...tests } = rule
  const [name = '', ...others] = Object.keys(tests)
  const at = { ...place, path: `${place.path}/${name}` }
  const operand: Json | undefined = tests[name]
  if (others.length > 0) place.findings.error(place.path, 'a rule has one comparison')
  if (name === 'Not') return `$not(${nested(operand, input, at)})`
  if ((name === 'And' || name === 'Or') && Array.isArray(operand)) {
    const rules = operand.map((each: Json, index) =>
      nested(each, input, { ...at, path: `${at.path}/${index}` }),
    )
    return `(${rules.join(name === 'And' ? ' and ' : ' or ')})`
  }
  const value = pathSource(textIn(Variable), input, { ...place, path: `${place.path}/Variable` })
  return comparison([name, operand], [value, input], at)
}

function nested(rule: Json | undefined, input: string, place: Place): string {
  return isJsonObject(rule) ? ruleSource(rule, input, place) : 'false'
}

function comparison(
  [name, operand]: readonly [string, Json | undefined],
  [value, input]: readonly [string, string],
  place: Place,
): string {
  const test = TESTS[name]
  if (test !== undefined) return operand === false ? `$not(${test(value)})` : test(value)
  const isPath = name.endsWith('Path')
  const known = COMPARISONS[isPath ? name.slice(0, -'Path'.length) : name]
  if (known === undefined) {
    place.findings.error(
      place.path,
      `the comparison ${name} has no exact counterpart`,
      'rewrite the state with QueryLanguage: JSONata',
    )
    return 'false'
  }
  const [type, operator] = known
  const other = isPath ? pathSource(textIn(operand), input, place) : JSON.stringify(operand)
  // Values of different types are not compared there, and do not equal each other; here they fail.
  const both = `$type(${value}) = "${type}"${isPath ? ` and $type(${other}) = "${type}"` : ''}`
  return `(${both} ? ${value} ${operator} ${other} : false)`
}
