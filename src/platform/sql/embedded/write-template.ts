import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'

import type { Template, TemplateFile } from './template.ts'

/** Files written or flushed at a time; more than Node's four threads only queue up. */
const LANES = 4

/** Writes a template out as the new folder `target` and flushes all of it to the disk. */
export async function writeTemplate(target: string, template: Template): Promise<void> {
  await mkdir(target, { mode: 0o700 })
  for (const directory of template.directories) {
    // oxlint-disable-next-line no-await-in-loop -- a folder is made after the one it lies in
    await mkdir(join(target, directory), { mode: 0o700 })
  }
  await inLanes(template.files, (file) => writeWhole(target, file))
  // Not each after it is written: the first flush takes most of the others with it.
  const paths = [...template.files.map(({ path }) => path), ...template.directories, '']
  await inLanes(paths, (path) => flush(join(target, path)))
}

/** Flushes a file, or the entries of a folder, so that it survives a power loss. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function writeWhole(
  target: string,
  { path, sizeBytes, content }: TemplateFile,
): Promise<void> {
  const handle = await open(join(target, path), 'wx', 0o600)
  try {
    await handle.writeFile(content)
    // Real zeros, not a hole: PostgreSQL counts on a WAL segment's room to be there.
    await handle.writeFile(Buffer.alloc(sizeBytes - content.length))
  } finally {
    await handle.close()
  }
}

async function inLanes<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values()
  const lane = async (): Promise<void> => {
    for (const item of rest) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time in each lane
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}
