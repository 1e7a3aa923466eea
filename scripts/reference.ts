/**
 * Writes the reference in docs/ from the code: JSON Schema, kinds of step, settings, API, errors.
 *
 *   npx tsx scripts/reference.ts           writes
 *   npx tsx scripts/reference.ts --check   fails when a file is not what it would write
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { type FormatConfig, format } from 'oxfmt'

import { scheduleSchema, workflowSchema } from '../src/workflow/index.ts'

import { apiPage } from './reference/api-page.ts'
import { configurationPage } from './reference/configuration-page.ts'
import { errorsPage } from './reference/errors-page.ts'
import { withKinds } from './reference/platform-kinds.ts'
import { pricesPage } from './reference/prices-page.ts'
import { stepsPage } from './reference/steps-page.ts'
import { workflowPage } from './reference/workflow-page.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** Every generated file, by its path from the root of the project. */
export async function makeReference(): Promise<ReadonlyMap<string, string>> {
  const { schema, steps, workflow } = await withKinds((kinds) => {
    const all = [...kinds.values()]
    const made = workflowSchema(all)
    return { schema: made, steps: stepsPage(all), workflow: workflowPage(workflowSchema([])) }
  })
  const files = {
    'docs/schemas/workflow-v1.json': JSON.stringify(schema, null, 2),
    'docs/schemas/schedule-v1.json': JSON.stringify(scheduleSchema(), null, 2),
    'docs/reference/workflow.md': workflow,
    'docs/reference/steps.md': steps,
    'docs/reference/configuration.md': configurationPage(),
    'docs/reference/api.md': await apiPage(),
    'docs/reference/errors.md': errorsPage(ROOT),
    'docs/reference/prices.md': pricesPage(),
  }
  const formatted = await Promise.all(
    Object.entries(files).map(
      async ([path, text]) => [path, await inOurFormat(path, text)] as const,
    ),
  )
  return new Map(formatted)
}

/** The generated files that are not on disk as they should be. */
export function outdated(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files].flatMap(([path, text]) => (readOrEmpty(path) === text ? [] : [path]))
}

async function inOurFormat(path: string, text: string): Promise<string> {
  const options: FormatConfig = JSON.parse(readFileSync(join(ROOT, '.oxfmtrc.json'), 'utf8'))
  const { code, errors } = await format(path, text, options)
  const [first] = errors
  if (first !== undefined) throw new Error(`${path}: ${first.message}`)
  return code
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(join(ROOT, path), 'utf8')
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return ''
    throw fault
  }
}

async function main(isCheck: boolean): Promise<void> {
  const files = await makeReference()
  const stale = outdated(files)
  for (const path of stale) {
    console.log(isCheck ? `${path} is out of date` : `wrote ${path}`)
    if (isCheck) continue
    mkdirSync(dirname(join(ROOT, path)), { recursive: true })
    writeFileSync(join(ROOT, path), files.get(path) ?? '')
  }
  if (isCheck && stale.length > 0) {
    console.log('write them with: npx tsx scripts/reference.ts')
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.includes('--check'))
