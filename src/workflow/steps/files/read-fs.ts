import { type Json, toJsonObject } from '../../../kernel/json.ts'
import { decodeText, findBinary } from '../../../platform/documents/decode-text.ts'
import { BinaryDocumentError } from '../../../platform/documents/errors.ts'
import { readDocument } from '../../../platform/documents/read-document.ts'
import { type FileContent, readFileInside } from '../../../platform/files/read-file.ts'
import type { StepTask } from '../step-kind.ts'

import { NotJsonFileError } from './errors.ts'
import type { ReadParameters } from './schema.ts'

/** Extensions that are read as documents when nothing else is asked for. */
const DOCUMENT = /\.(?:md|markdown|mdx|html?|xhtml|pdf|txt|text)$/i

/** Reads a file of the run's folder in the form that is asked for. */
export async function readAs(
  { path, as, maxBytes }: ReadParameters,
  task: Pick<StepTask, 'folder' | 'signal'>,
): Promise<Json> {
  const file = await readFileInside(await task.folder(), { path, maxBytes })
  const form = as === 'auto' ? formOf(file) : as
  const head = { path: file.path, bytes: file.bytes.length }
  switch (form) {
    case 'document': {
      const { path: name, bytes } = file
      return toJsonObject({
        ...head,
        ...(await readDocument(bytes, { name, maxBytes, signal: task.signal })),
      })
    }
    case 'json':
      return { ...head, format: 'json', value: parseJson(file) }
    case 'text': {
      const { text, warnings } = decode(file)
      return { ...head, format: 'text', text, warnings }
    }
    case 'base64':
      return { ...head, format: 'base64', base64: Buffer.from(file.bytes).toString('base64') }
    default:
      throw new TypeError('unknown form of a file')
  }
}

function formOf({ path, bytes }: FileContent): Exclude<ReadParameters['as'], 'auto'> {
  if (/\.json$/i.test(path)) return 'json'
  if (DOCUMENT.test(path)) return 'document'
  return findBinary(bytes) === undefined ? 'text' : 'base64'
}

function decode({ path, bytes }: FileContent): ReturnType<typeof decodeText> {
  const what = findBinary(bytes)
  if (what !== undefined) throw new BinaryDocumentError(path, what)
  return decodeText(bytes)
}

function parseJson(file: FileContent): Json {
  const { text } = decode(file)
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch (fault) {
    if (fault instanceof SyntaxError) throw new NotJsonFileError(file.path, fault)
    throw fault
  }
}
