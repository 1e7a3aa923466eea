import type { Json } from '../../kernel/json.ts'

const FENCED = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/

/** The JSON value of a text, or `undefined` when it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

/** The JSON value of a model's answer, which may stand in one code fence. */
export function parseAnswer(text: string): Json | undefined {
  const trimmed = text.trim()
  return parseJson(FENCED.exec(trimmed)?.[1] ?? trimmed)
}
