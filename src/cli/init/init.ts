import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { isErrno } from '../../kernel/errno.ts'
import { packageRoot } from '../../platform/sql/embedded/package-root.ts'
import { CONFIG_FILE } from '../connection/settings.ts'
import type { Context } from '../context.ts'
import { FileError, FileExistsError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'

import { settingsText } from './settings-text.ts'

const WORKFLOW_FILE = 'hello.yaml'
const IGNORED = '.prsm/'

/** `prsm init`: a first workflow and a settings file. */
export async function init(
  context: Context,
  folder: string,
  { force = false }: { readonly force?: boolean },
): Promise<ExitCode> {
  const hello = await readFile(join(packageRoot(), 'assets/hello.yaml'), 'utf8')
  const files = { [WORKFLOW_FILE]: hello, [CONFIG_FILE]: settingsText() }
  const paths = Object.keys(files).map((name) => join(folder, name))
  const present = paths.filter((path) => existsSync(path))
  if (present.length > 0 && !force) throw new FileExistsError(present)
  try {
    await mkdir(folder, { recursive: true })
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    await ignore(folder)
  } catch (fault) {
    if (!isErrno(fault)) throw fault
    throw new FileError(folder, fault, { action: 'written' })
  }
  if (context.isJson) context.printJson({ files: paths })
  else {
    context.print(...paths.map((path) => `${context.paint.green(context.glyphs.ok)} ${path}`))
    context.note('', `run it with: prsm run ${join(folder, WORKFLOW_FILE)}`)
  }
  return EXIT.done
}

/** The data directory stays out of version control, where there is any. */
async function ignore(folder: string): Promise<void> {
  const path = join(folder, '.gitignore')
  const isTracked = existsSync(join(folder, '.git')) || existsSync(path)
  if (!isTracked) return
  const text = existsSync(path) ? await readFile(path, 'utf8') : ''
  if (text.split(/\r?\n/).includes(IGNORED)) return
  const gap = text === '' || text.endsWith('\n') ? '' : '\n'
  await writeFile(path, `${text}${gap}${IGNORED}\n`)
}
