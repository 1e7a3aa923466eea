import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { parse } from 'yaml'

import { packageRoot } from '../../platform/sql/embedded/package-root.ts'

import { templateDocument, type TemplateDocument } from './schema.ts'

/** The templates that come with PRSM, in the order of their names; read once. */
export function createBuiltInTemplates(): () => Promise<readonly TemplateDocument[]> {
  let reading: Promise<readonly TemplateDocument[]> | undefined
  return () => (reading ??= readAll(join(packageRoot(), 'assets/templates')))
}

async function readAll(folder: string): Promise<readonly TemplateDocument[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const value: unknown = parse(await readFile(join(folder, name), 'utf8'))
      return templateDocument.parse(value)
    }),
  )
}
