import { toJsonObject } from '../../../kernel/json.ts'
import { listFiles } from '../../../platform/files/list-files.ts'
import { removeFileInside } from '../../../platform/files/remove-file.ts'
import { writeFileInside } from '../../../platform/files/write-file.ts'
import { defineStepKind, type StepKind } from '../step-kind.ts'

import { readAs } from './read-fs.ts'
import {
  listParameters,
  listResult,
  readParameters,
  readResult,
  removeParameters,
  removeResult,
  writeParameters,
  type WriteParameters,
  writeResult,
} from './schema.ts'

/**
 * `files.list`, `files.read`, `files.write` and `files.remove`: the files of the run's own folder.
 *
 * @remarks Retry: writing replaces the whole file, so a second try leaves what the first would have.
 */
export function createFileKinds(): readonly StepKind[] {
  return [listKind(), readKind(), writeKind(), removeKind()]
}

function listKind(): StepKind {
  return defineStepKind({
    name: 'files.list',
    summary: "Lists files of the run's folder, sorted by path.",
    with: listParameters,
    gives: listResult,
    async run({ path, pattern, recursive, limit }, task) {
      const options = { path, pattern, isRecursive: recursive, limit }
      return { output: toJsonObject(await listFiles(await task.folder(), options)) }
    },
  })
}

function readKind(): StepKind {
  return defineStepKind({
    name: 'files.read',
    summary: "Reads a file of the run's folder: as text, JSON, base64, or the text of a document.",
    with: readParameters,
    gives: readResult,
    run: async (parameters, task) => ({ output: await readAs(parameters, task) }),
  })
}

function writeKind(): StepKind {
  return defineStepKind({
    name: 'files.write',
    summary: "Writes a file into the run's folder: all of it or, on any failure, nothing.",
    with: writeParameters,
    gives: writeResult,
    async run(parameters, task) {
      const { path } = parameters
      const content = toBytes(parameters)
      return {
        output: toJsonObject(await writeFileInside(await task.folder(), { path, content })),
      }
    },
  })
}

function removeKind(): StepKind {
  return defineStepKind({
    name: 'files.remove',
    summary: "Removes a file or folder of the run's folder, if it is there.",
    with: removeParameters,
    gives: removeResult,
    async run({ path }, task) {
      await removeFileInside(await task.folder(), path)
      return { output: { path } }
    },
  })
}

function toBytes({ content, base64 }: WriteParameters): Uint8Array {
  if (typeof content !== 'string') return Buffer.from(`${JSON.stringify(content, null, 2)}\n`)
  return Buffer.from(content, base64 ? 'base64' : 'utf8')
}
