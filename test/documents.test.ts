import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

import { describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const filesIn = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))

const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)
const sources = filesIn('src', '.ts')
const documents = [
  ...filesIn('docs', '.md'),
  ...filesIn('src', 'README.md'),
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'].filter((path) =>
    existsSync(join(ROOT, path)),
  ),
]

/** Anchors of a page's headings, as they are made where pages are shown. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = withoutCode(read(page)).matchAll(/^#{1,6} (.+)$/gm)
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** The text with blocks and spans of code left out. */
function withoutCode(text: string): string {
  return text
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.slice(1, -1))
}

/** Links of a page that lead nowhere. */
function brokenLinks(page: string): readonly string[] {
  const links = read(page)
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .matchAll(/\]\(([^)\s]+)\)/g)
  return [...links].flatMap(([, link = '']) => {
    if (/^[a-z]+:/.test(link)) return []
    const [path = '', anchor] = link.split('#')
    const target = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path))
    if (!existsSync(join(ROOT, target))) return [`${page}: ${link}`]
    const isPage = anchor !== undefined && statSync(join(ROOT, target)).isFile()
    return isPage && !anchorsOf(target).has(anchor) ? [`${page}: ${link}`] : []
  })
}

/** A block of the guide, and the file it shows. */
const BLOCK = /<!-- (\S+) -->\n+```\w+\n([\s\S]*?)\n```/g

/** A file as the guide shows it: without the line for editors, and importing the package. */
function asShown(text: string): string {
  return text
    .replace(/^# yaml-language-server:.*\n/, '')
    .replaceAll("'../../src/index.ts'", "'prsm'")
    .replace(/^(import .* from 'zod')\n\n(import .* from 'prsm')$/m, '$2\n$1')
    .trim()
}

describe('documents', () => {
  test('every room has a README', () => {
    expect(rooms.length).toBeGreaterThan(10)
    const without = rooms.filter((room) => !existsSync(join(ROOT, 'src', room, 'README.md')))
    expect(without).toEqual([])
  })

  test('the map names the rooms there are', () => {
    const [, table = ''] = /\n## Rooms\n([\s\S]*?)\n## /.exec(read('docs/architecture.md')) ?? []
    const named = [...table.matchAll(/^\| \[([a-z]+)\]/gm)].map(([, room]) => room)
    expect(named.toSorted()).toEqual(rooms.toSorted())
  })

  test('links lead somewhere', () => {
    expect(documents.length).toBeGreaterThan(20)
    expect(documents.flatMap(brokenLinks)).toEqual([])
  })

  test('every source that is cited is there, and every one that is there is cited', () => {
    const cited = new Set(
      sources.flatMap((path) =>
        [...read(path).matchAll(/docs\/sources\.md#([a-z0-9-]+)/g)].map(([, anchor]) => anchor),
      ),
    )
    const anchors = [...read('docs/sources.md').matchAll(/^### (\S+)$/gm)].map(([, name]) => name)
    expect(anchors.toSorted()).toEqual([...cited].toSorted())
  })

  test('hints and comments name documents that exist', () => {
    const named = sources
      .filter((path) => !path.endsWith('.test.ts'))
      .flatMap((path) =>
        [...read(path).matchAll(/\bdocs\/[a-z0-9/-]+\.(?:md|json)\b(?:#[a-z0-9-]+)?/g)].map(
          ([link]) => ({ path, link }),
        ),
      )
    expect(named.length).toBeGreaterThan(20)
    const lost = named.filter(({ link }) => {
      const [page = '', anchor] = link.split('#')
      return !existsSync(join(ROOT, page)) || (anchor !== undefined && !anchorsOf(page).has(anchor))
    })
    expect(lost).toEqual([])
  })

  test('the blocks of the guide are the files in docs/examples', () => {
    const blocks = [...read('docs/workflows.md').matchAll(BLOCK)]
    const shown = blocks.map(([, name = '', text = '']) => ({ name, text }))
    expect(shown.map(({ name }) => name).toSorted()).toEqual(
      readdirSync(join(ROOT, 'docs/examples')).toSorted(),
    )
    expect(shown).toEqual(
      shown.map(({ name }) => ({ name, text: asShown(read(`docs/examples/${name}`)) })),
    )
  })

  test('nothing names a folder of the machine it was written on', () => {
    const lost = documents.filter((path) => /\/work\/|\/home\/|\/root\//.test(read(path)))
    expect(lost).toEqual([])
  })
})
