import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { isErrno } from '../../kernel/errno.ts'

/**
 * The private key of an installation, in its data directory; made when it is first needed.
 *
 * @remarks Readable by its owner only. Of two processes that make one at once, one wins.
 */
export function createSigningKey(dataDir: string): () => Promise<string> {
  const folder = join(dataDir, 'keys')
  const file = join(folder, 'bundles-ed25519.pem')
  return async () => {
    const known = await readIfThere(file)
    if (known !== undefined) return known
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
    try {
      await writeFile(file, pem, { flag: 'wx', mode: 0o600 })
    } catch (fault) {
      if (!isErrno(fault) || fault.code !== 'EEXIST') throw fault
    }
    return readFile(file, 'utf8')
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (fault) {
    if (isErrno(fault) && fault.code === 'ENOENT') return undefined
    throw fault
  }
}
