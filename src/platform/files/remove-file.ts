import { rm } from 'node:fs/promises'

import { withFileFaults } from './file-faults.ts'
import { resolveInside } from './inside.ts'

/**
 * Removes a file within a root, or a folder with all that is in it.
 *
 * @remarks Retry: what is not there is gone already. The root itself stays.
 * @throws {@link OutsideFolderError}, {@link FileDeniedError}
 */
export async function removeFileInside(root: string, path: string): Promise<void> {
  const { path: target, root: home } = await resolveInside(root, path)
  if (target === home) return
  await withFileFaults(path, () => rm(target, { force: true, recursive: true }))
}
