import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder for a test. */
export interface TestFolder {
  readonly path: string
  /** Makes files with these contents, and the folders they lie in. */
  add(files: Readonly<Record<string, string>>): Promise<void>
  remove(): Promise<void>
}

/** Makes an empty folder, its path free of links. */
export async function createTestFolder(): Promise<TestFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'prsm-files-')))
  return {
    path,
    async add(files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(path, name)), { recursive: true })
        await writeFile(join(path, name), content)
      }
    },
    remove: () => rm(path, { recursive: true, force: true }),
  }
}

/** What a promise is rejected with. */
export async function faultOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ unexpected: value }),
    (fault: unknown) => fault,
  )
}
