import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { lazy } from '../lazy.ts'

import { type Recording, recording } from './schema.ts'
import { recordingKey, type RecordingStore } from './store.ts'

/** Recordings as JSON files in a folder; their names are for people and may be changed. */
export function createFileRecordings(folder: string): RecordingStore {
  const load = lazy(() => readFolder(folder))
  return {
    find: async (request) => (await load()).get(recordingKey(request)),
    async put(next) {
      const byKey = await load()
      const key = recordingKey(next.request)
      byKey.set(key, next)
      await mkdir(folder, { recursive: true })
      const name = `${slug(next.request.path)}-${key.slice('sha256:'.length, 'sha256:'.length + 12)}`
      await writeFile(join(folder, `${name}.json`), `${JSON.stringify(next, null, 2)}\n`)
    },
  }
}

/** Reads every recording of a folder; an absent folder has none. */
async function readFolder(folder: string): Promise<Map<string, Recording>> {
  await mkdir(folder, { recursive: true })
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted()
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  const recordings = texts.map((text) => recording.parse(JSON.parse(text)))
  return new Map(recordings.map((item) => [recordingKey(item.request), item]))
}

function slug(path: string): string {
  return path
    .replaceAll(/[^a-zA-Z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60)
}
