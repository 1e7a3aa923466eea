import { mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { createFileRecordings } from './recordings-fs.ts'
import type { Recording } from './schema.ts'

const recording: Recording = {
  request: { method: 'POST', path: '/v1/chat/completions', body: { model: 'm' } },
  responses: [{ status: 200, headers: {}, body: { json: { ok: true } } }],
}

test('recordings are files that may be renamed, and outlive the process', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'prsm-recordings-')), 'new')
  await createFileRecordings(folder).put(recording)
  const [name = ''] = await readdir(folder)
  expect(name).toMatch(/^v1-chat-completions-[0-9a-f]{12}\.json$/)
  await rename(join(folder, name), join(folder, 'a-better-name.json'))
  expect(await createFileRecordings(folder).find(recording.request)).toEqual(recording)
  expect(JSON.parse(await readFile(join(folder, 'a-better-name.json'), 'utf8'))).toEqual(recording)
})

test('a file that is no recording is named by its fault', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'prsm-recordings-'))
  await writeFile(join(folder, 'broken.json'), '{"request":{}}')
  await expect(createFileRecordings(folder).find(recording.request)).rejects.toThrow(/responses/)
})
