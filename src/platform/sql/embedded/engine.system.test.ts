import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'

import { describe, expect, test } from 'vitest'

import { findEngine } from './engine-package.ts'
import { hasCode } from './faults.ts'
import { useWorkplace, IS_ROOT, openHere, query, runningServer, STRANGER } from './testing.ts'

const place = useWorkplace()

const engine = await findEngine()

/** A copy of the engine package, without the links its install script makes. */
function copyPackage(folder: string): string {
  const packageDir = join(folder, 'package')
  const original = dirname(engine.native)
  for (const entry of readdirSync(original, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const from = join(entry.parentPath, entry.name)
    const to = join(packageDir, relative(original, from))
    mkdirSync(dirname(to), { recursive: true })
    linkOrCopy(from, to)
  }
  return packageDir
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (fault) {
    if (!hasCode(fault, 'EXDEV', 'EPERM')) throw fault
    copyFileSync(from, to)
  }
}

function links(packageDir: string): readonly { source: string; target: string }[] {
  return JSON.parse(readFileSync(join(packageDir, 'native/pg-symlinks.json'), 'utf8'))
}

/** A package whose server is this shell script. */
function fakePackage(script: string): string {
  const packageDir = join(place.folder(), 'fake')
  for (const part of ['bin', 'lib', 'share']) {
    mkdirSync(join(packageDir, 'native', part), { recursive: true })
  }
  writeFileSync(join(packageDir, 'package.json'), '{"version":"18.4.0"}')
  writeFileSync(join(packageDir, 'native/bin/postgres'), script, { mode: 0o755 })
  return packageDir
}

describe('the engine', () => {
  test('makes its links itself when install scripts are blocked', async () => {
    const dataDir = await place.dataDir()
    const packageDir = copyPackage(place.folder())
    const database = await openHere(dataDir, { packageDir })
    expect(await query(database.connection, 'select 1 as one')).toEqual([{ one: 1 }])
    for (const { target } of links(packageDir)) statSync(join(packageDir, target))
    await database.close({ wait: true })
  })

  test('is missed with a way out', async () => {
    const packageDir = join(place.folder(), 'nothing')
    await expect(openHere(place.folder(), { packageDir })).rejects.toMatchObject({
      code: 'sql.engine-missing',
      message: expect.stringContaining(packageDir),
      hint: expect.stringContaining('PRSM_DATABASE_URL'),
    })
  })

  test('is missed when it cannot run on this system', async () => {
    const packageDir = fakePackage('#!/lib/ld-musl-of-another-system.so\n')
    await expect(openHere(await place.dataDir(), { packageDir })).rejects.toMatchObject({
      code: 'sql.engine-missing',
      message: expect.stringContaining('cannot run on this system'),
    })
  })

  test('that fails says at once what its log says', async () => {
    const packageDir = fakePackage('#!/bin/sh\necho "FATAL:  no luck" >&2\nexit 1\n')
    const dataDir = await place.dataDir()
    await expect(openHere(dataDir, { packageDir })).rejects.toMatchObject({
      code: 'sql.engine-failed',
      message: expect.stringMatching(/FATAL: {2}no luck$/),
      hint: expect.stringContaining(join(dataDir, 'postgres/server.log')),
    })
    // Nothing stays behind that would keep a better engine from starting.
    const database = await openHere(dataDir)
    await database.close()
  })
})

describe.skipIf(!IS_ROOT)('as root (skipped: the suite does not run as root)', () => {
  test('programs in a folder that only root may enter are copied once', async () => {
    const temporary = place.folder()
    const child = place.child({ env: { ...process.env, TMPDIR: temporary } })
    const packageDir = copyPackage(place.folder())
    chmodSync(packageDir, 0o700)
    for (const dataDir of [await place.dataDir(), await place.dataDir()]) {
      await child.ask('open', { dataDir, packageDir })
      const program = readlinkSync(`/proc/${await runningServer(dataDir)}/exe`)
      expect(program.startsWith(join(temporary, 'prsm-postgresql-18.'))).toBe(true)
      await child.ask('close', 'wait')
    }
    expect(readdirSync(temporary).filter((name) => name.startsWith('prsm-'))).toHaveLength(1)
  })

  test('a copy that others could have changed is not used', async () => {
    const packageDir = copyPackage(place.folder())
    chmodSync(packageDir, 0o700)
    const [dataDir, temporary] = [await place.dataDir(), place.folder()]
    const trap = join(temporary, `prsm-postgresql-${engine.version}-${process.arch}-0`)
    mkdirSync(trap)
    chmodSync(trap, 0o777)
    const child = place.child({ env: { ...process.env, TMPDIR: temporary } })
    await child.ask('open', { dataDir, packageDir })
    const program = readlinkSync(`/proc/${await runningServer(dataDir)}/exe`)
    expect(program.startsWith(`${trap}.`)).toBe(true)
    await child.ask('close', 'wait')
  })

  test('a user who may not write to the package gets a copy when links are missing', async () => {
    const packageDir = copyPackage(place.folder())
    const [dataDir, temporary] = [place.folder(), place.folder()]
    const child = place.child({ ...STRANGER, env: { ...process.env, TMPDIR: temporary } })
    await child.ask('open', { dataDir, packageDir })
    expect(await child.ask('query', 'select 1 as one')).toEqual([{ one: 1 }])
    await child.ask('close', 'wait')
    expect(readdirSync(temporary).some((name) => name.startsWith('prsm-postgresql-'))).toBe(true)
  })
})
