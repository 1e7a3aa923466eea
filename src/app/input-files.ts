import { realpath } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'

import { FileNotFoundError, OutsideFolderError } from '../platform/files/errors.ts'
import { withFileFaults } from '../platform/files/file-faults.ts'
import {
  importFile,
  importFolder,
  type Imported,
  type ImportOptions,
  measureFile,
  measureFolder,
} from '../platform/files/import-files.ts'
import { isWithin } from '../platform/files/inside.ts'
import type { FileInput, FoundFiles, InputFiles } from '../workflow/index.ts'

import { InputNotFoundError, InputOutsideRootsError, NoInputFilesError } from './errors.ts'

/** Most that one input may bring into a run. */
const LIMITS = { maxFiles: 20_000, maxBytes: 4_000_000_000 } as const

/** Where inputs may come from, and where they go. */
export interface InputFilesDeps {
  /** Folders that may be named. */
  readonly roots: readonly string[]
  /** The folder of a run. */
  readonly folderOf: (run: string) => string
}

/** Brings files of the user into the folder of a run, each input below its name. */
export function createInputFiles({ roots, folderOf }: InputFilesDeps): InputFiles {
  return {
    async measure(input) {
      await checkRoots(input, roots)
      const found = await (input.kind === 'directory' ? measureFolder : measureFile)(
        toOptions(input, resolve('.')),
      )
      return sizeOf(found, input)
    },
    async bring(run, input) {
      checkName(input.name)
      await checkRoots(input, roots)
      const to = join(folderOf(run), input.name)
      const found = await (input.kind === 'directory' ? importFolder : importFile)(
        toOptions(input, to),
      )
      const path = input.kind === 'directory' ? input.name : `${input.name}/${basename(input.path)}`
      return { ...sizeOf(found, input), path }
    },
  }
}

/** Who writes the definition names the input, and so the folder that gets its files. */
function checkName(name: string): void {
  if (name === '.' || name === '..' || /[/\\\0]/.test(name))
    throw new OutsideFolderError(
      name,
      'is the name of an input that has files, and no name of a folder',
    )
}

function toOptions({ path, accept }: FileInput, to: string): ImportOptions {
  return { from: path, to, accept, ...LIMITS }
}

function sizeOf({ files, bytes, skipped }: Imported, input: FileInput): FoundFiles {
  if (files.length === 0) throw new NoInputFilesError(input, skipped.length)
  return { files: files.length, bytes }
}

async function checkRoots({ name, path }: FileInput, roots: readonly string[]): Promise<void> {
  const real = await realPathOf(path)
  if (real === undefined) throw new InputNotFoundError(name, path)
  for (const root of roots) {
    const top = await realPathOf(root)
    if (top !== undefined && isWithin(top, real)) return
  }
  throw new InputOutsideRootsError(name, path)
}

async function realPathOf(path: string): Promise<string | undefined> {
  try {
    return await withFileFaults(path, () => realpath(path))
  } catch (fault) {
    if (fault instanceof FileNotFoundError) return undefined
    throw fault
  }
}
