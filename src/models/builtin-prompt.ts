import type { JSONSchema7, LanguageModelV3Prompt } from '@ai-sdk/provider'

import type { JsonObject } from '../kernel/json.ts'

import type { BuiltinAlgorithms } from './algorithms.ts'

/** What the offline model says when it is given nothing to quote. */
export const OFFLINE_NOTICE =
  'I am the builtin offline model of PRSM. I quote, extract and classify given material, but I cannot write prose or answer from memory. Put the material before your question, or configure a language model.'

/** A question is short; what is longer is material. */
const MAX_QUESTION = 500
const SUMMARY_SENTENCES = 5
const WANTS_SUMMARY =
  /^.{0,60}\b(?:summar(?:y|ise|ize)|sum up|tl;?dr|overview|main points|key points)\b/i

/** The parts of a conversation that the offline model works with. */
export interface PlainPrompt {
  readonly question: string
  /** Everything said or read before the question. */
  readonly material: string
}

/** Answers a conversation by quoting its material; the last user message is the question. */
export async function answerPlainly(
  algorithms: BuiltinAlgorithms,
  prompt: LanguageModelV3Prompt,
): Promise<string> {
  const { question, material } = splitPrompt(prompt)
  if (material.trim() === '') return OFFLINE_NOTICE
  if (question === '' || WANTS_SUMMARY.test(question)) {
    const input = { text: material, maxSentences: SUMMARY_SENTENCES }
    const sentences = await algorithms.summarise(input)
    return sentences.length > 0 ? sentences.map(({ quote }) => quote).join(' ') : OFFLINE_NOTICE
  }
  const found = await algorithms.answer({ question, text: material })
  if (found.found) return found.quote
  return `The material does not answer this (${found.reason}). ${OFFLINE_NOTICE}`
}

/** The JSON of the schema's fields that the material gives. */
export async function extractPlainly(
  algorithms: BuiltinAlgorithms,
  schema: JSONSchema7,
  prompt: LanguageModelV3Prompt,
): Promise<string> {
  const { question, material } = splitPrompt(prompt)
  const plain: JsonObject = JSON.parse(JSON.stringify(schema))
  // An instruction such as "extract the fields:" may stand alone with the text behind it.
  const text = material.trim() === '' ? question : material
  const { value } = await algorithms.extract({ text, schema: plain })
  return JSON.stringify(value)
}

/**
 * Splits a conversation into question and material.
 *
 * @remarks In a lone message the last short paragraph is the question and the rest the material;
 * failing that, the first.
 */
export function splitPrompt(prompt: LanguageModelV3Prompt): PlainPrompt {
  const last = prompt.findLastIndex(({ role }) => role === 'user')
  const asked = last < 0 ? [] : textsOf(prompt[last])
  const before = prompt.flatMap((message, index) => (index === last ? [] : textsOf(message)))
  if (before.length > 0 && asked.join('\n').length <= MAX_QUESTION) {
    return { question: asked.join('\n'), material: before.join('\n\n') }
  }
  const paragraphs = asked
    .flatMap((text) => text.split(/\n\s*\n/))
    .filter((text) => text.trim() !== '')
  if (isShort(paragraphs.at(-1))) return withQuestion(before, paragraphs, paragraphs.length - 1)
  if (isShort(paragraphs[0])) return withQuestion(before, paragraphs, 0)
  return { question: '', material: [...before, ...paragraphs].join('\n\n') }
}

function withQuestion(
  before: readonly string[],
  paragraphs: readonly string[],
  at: number,
): PlainPrompt {
  const rest = paragraphs.filter((_, index) => index !== at)
  return { question: paragraphs[at] ?? '', material: [...before, ...rest].join('\n\n') }
}

function isShort(text: string | undefined): boolean {
  return text !== undefined && text.length <= MAX_QUESTION
}

/** What users and tools said. Instructions are no material, nor is what the model said itself. */
function textsOf(message: LanguageModelV3Prompt[number] | undefined): readonly string[] {
  if (message?.role === 'tool') {
    return message.content.flatMap((part) =>
      part.type === 'tool-result' && part.output.type === 'text' ? [part.output.value] : [],
    )
  }
  if (message?.role !== 'user') return []
  return message.content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
}
