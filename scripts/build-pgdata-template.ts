/**
 * Makes assets/pgdata-<major>.bin, the prepared data directory that PRSM unpacks instead of running
 * initdb (src/platform/sql/embedded/template.ts). To be run again for a new major version of
 * PostgreSQL, on 64-bit little-endian Linux, as root or not:
 *
 *   npx tsx scripts/build-pgdata-template.ts
 */
import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

import { findEngine } from '../src/platform/sql/embedded/engine-package.ts'
import { ownIdentity, serverIdentity } from '../src/platform/sql/embedded/identity.ts'
import { runInitdb } from '../src/platform/sql/embedded/initdb.ts'
import {
  packTemplate,
  type TemplateFile,
  withoutTrailingZeros,
} from '../src/platform/sql/embedded/template.ts'

/** PostgreSQL makes them anew: free space and visibility maps, the record of the last start. */
const LEFT_OUT = /_(?:fsm|vm)$|^postmaster\.opts$/

const CONFIGURATION: Readonly<Record<string, string>> = {
  'postgresql.conf': '# PRSM gives every setting on the command line (settings.ts).\n',
  'postgresql.auto.conf': '',
  'pg_ident.conf': '',
  // Safe because the only way in is a Unix socket in a folder of mode 0700 (settings.ts).
  'pg_hba.conf': 'local all all trust\n',
}

function toFile(path: string, bytes: Uint8Array): TemplateFile {
  return { path, sizeBytes: bytes.length, content: withoutTrailingZeros(bytes) }
}

function pack(data: string): Uint8Array {
  const entries = readdirSync(data, { recursive: true, withFileTypes: true })
  const paths = (kind: 'isFile' | 'isDirectory'): readonly string[] =>
    entries
      .filter((entry) => entry[kind]())
      .map((entry) => relative(data, join(entry.parentPath, entry.name)))
      .toSorted()
  // The last checkpoint is in the first segment; those behind it are recycled and hold old content.
  const [, ...recycled] = paths('isFile').filter((path) => path.startsWith('pg_wal/0'))
  const kept = paths('isFile').filter(
    (path) => !LEFT_OUT.test(path) && !recycled.includes(path) && !(path in CONFIGURATION),
  )
  return packTemplate({
    directories: paths('isDirectory'),
    files: [
      ...kept.map((path) => toFile(path, readFileSync(join(data, path)))),
      ...Object.entries(CONFIGURATION).map(([path, text]) => toFile(path, Buffer.from(text))),
    ],
  })
}

const { native, major, version } = await findEngine()
const work = mkdtempSync(join(tmpdir(), 'prsm-template-'))
try {
  const owner = serverIdentity(ownIdentity(), ownIdentity())
  chownSync(work, owner.uid, owner.gid)
  await runInitdb(native, { data: join(work, 'data'), owner })
  const packed = pack(join(work, 'data'))
  const assets = join(import.meta.dirname, '../assets')
  mkdirSync(assets, { recursive: true })
  writeFileSync(join(assets, `pgdata-${major}.bin`), packed)
  process.stdout.write(`assets/pgdata-${major}.bin: ${packed.length} bytes, of ${version}\n`)
} finally {
  rmSync(work, { recursive: true })
}
