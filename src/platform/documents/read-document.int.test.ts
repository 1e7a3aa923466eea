import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { readDocument } from './read-document.ts'
import { makePdf } from './testing.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'prsm-documents-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const faultOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ unexpected: value }),
    (fault: unknown) => fault,
  )

describe('a document', () => {
  test('of Markdown is its text as it is, with title and sections', async () => {
    const text = '---\ntitle: T\n---\r\n# Heading\n\nText.\n'
    const path = join(folder, 'a.md')
    await writeFile(path, `\uFEFF${text}`)
    expect(await readDocument(path)).toEqual({
      format: 'markdown',
      title: 'T',
      text,
      sections: [{ title: 'Heading', level: 1, start: 18, end: text.length }],
      warnings: [],
    })
  })

  test('of plain text is its text, with a warning when its encoding was guessed', async () => {
    expect(await readDocument(Uint8Array.of(0x67, 0xfc, 0x74), { name: 'a.txt' })).toEqual({
      format: 'text',
      text: 'güt',
      warnings: ['encoding-guessed'],
    })
  })

  test.each([
    ['a.html', '<p>x'],
    ['noname', '\n<!DOCTYPE html><p>x'],
    ['page.txt.htm', '<p>x'],
  ])('is HTML by its name %s or its content', async (name, html) => {
    expect(await readDocument(bytes(html), { name })).toMatchObject({ format: 'html', text: 'x' })
  })

  test('of HTML is read in the encoding it names', async () => {
    const html = Buffer.concat([bytes('<meta charset="windows-1251"><p>'), Buffer.from([0xcf])])
    expect(await readDocument(html, { name: 'a.html' })).toMatchObject({ text: 'П', warnings: [] })
  })

  test('of PDF has its pages, its lines and its title', async () => {
    const pdf = makePdf(
      [['First line of inter-', 'national text.', '', 'Next (part)'], ['Second']],
      {
        title: 'On roofs',
      },
    )
    const { text, pages, ...rest } = await readDocument(pdf, { name: 'x.bin' })
    expect(rest).toEqual({ format: 'pdf', title: 'On roofs', warnings: [] })
    expect(pages?.map(({ page, start, end }) => [page, text.slice(start, end)])).toEqual([
      [1, 'First line of international text.\n\nNext (part)'],
      [2, 'Second'],
    ])
    expect(pdf.length).toBeGreaterThan(0)
  })

  test('of PDF tells of pages without text, and drops a title that a program made up', async () => {
    const pdf = makePdf([['One'], []], { title: 'Microsoft Word - a.doc' })
    const document = await readDocument(pdf)
    expect(document).toMatchObject({ text: 'One\n\n', warnings: ['pages-without-text'] })
    expect(document).not.toHaveProperty('title')
  })
})

describe('a document that is no use', () => {
  test.each([
    ['no bytes', '', 'documents.empty'],
    ['only white space', ' \n\t', 'documents.empty'],
    ['a NUL', 'a\0b', 'documents.binary'],
    ['a broken PDF', '%PDF-1.7 nothing', 'documents.unreadable'],
  ])('with %s fails as %3$s', async (_name, text, code) => {
    expect(await faultOf(readDocument(bytes(text), { name: 'a.md' }))).toMatchObject({ code })
  })

  test('because it is a PDF by name alone, encrypted, or without any text says so', async () => {
    const cases = [
      [bytes('text'), 'documents.unreadable', 'it is no PDF'],
      [makePdf([['x']], { isEncrypted: true }), 'documents.unreadable', 'it is encrypted'],
      [makePdf([[], []]), 'documents.empty', 'none of its 2 pages has text'],
    ] as const
    for (const [content, code, reason] of cases) {
      const fault = await faultOf(readDocument(content, { name: 'a.pdf' }))
      expect(fault).toMatchObject({ code, message: expect.stringContaining(reason) })
    }
  })

  test('because it is too large fails before it is read', async () => {
    const path = join(folder, 'large.txt')
    await writeFile(path, 'x'.repeat(11))
    const limits = { maxBytes: 10 }
    for (const source of [path, bytes('x'.repeat(11))]) {
      expect(await faultOf(readDocument(source, limits))).toMatchObject({
        code: 'documents.too-large',
        details: { limit: 'maxBytes', value: 10 },
      })
    }
    const pdf = makePdf([['1'], ['2'], ['3']])
    expect(await faultOf(readDocument(pdf, { maxPages: 2 }))).toMatchObject({
      code: 'documents.too-large',
      details: { limit: 'maxPages' },
    })
    expect(await faultOf(readDocument(pdf, { maxMs: -1 }))).toMatchObject({
      details: { limit: 'maxMs' },
    })
  })

  test('because it is not there, or a folder, says so', async () => {
    for (const path of [join(folder, 'none.md'), folder]) {
      expect(await faultOf(readDocument(path))).toMatchObject({ code: 'documents.unreadable' })
    }
  })

  test('ends with its signal', async () => {
    const signal = AbortSignal.abort(new Error('stop'))
    expect(await faultOf(readDocument(makePdf([['x']]), { signal }))).toMatchObject({
      message: 'stop',
    })
  })
})

test('four hundred Markdown files of 8 kB are read one after the other', async () => {
  const many = join(folder, 'many')
  await mkdir(many)
  const paragraph = 'Paler roofs over hot classrooms keep them cooler. '.repeat(8)
  const text = `# Title\n\n${`## Part\n\n${paragraph}\n\n`.repeat(20)}`
  await Promise.all(
    Array.from({ length: 400 }, (_, index) => writeFile(join(many, `${index}.md`), text)),
  )
  for (const name of await readdir(many)) {
    expect((await readDocument(join(many, name))).sections).toHaveLength(21)
  }
})
