import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { findChromium } from '../../scripts/find-chromium.mjs'
import { config } from '../../src/app/config.ts'
import { type Local, openLocal } from '../../src/app/local.ts'
import { type Server, startServer } from '../../src/app/server.ts'
import { OPERATIONS } from '../../src/client/index.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { realSurroundings, toUrl } from '../support/platform.ts'

let fixture: TestDatabase
let folder: string
let local: Local
let server: Server
let browser: Browser

beforeAll(async () => {
  const executablePath = findChromium()
  if (executablePath === undefined)
    throw new Error('there is no Chromium on the PATH: set PRSM_TEST_CHROMIUM to one')
  fixture = await createTestDatabase()
  folder = await mkdtemp(join(tmpdir(), 'prsm-browser-'))
  const settings = config.parse({ dataDir: folder, databaseUrl: toUrl(fixture.target) })
  local = await openLocal(settings, realSurroundings(), {
    role: { worker: 'none' },
    version: '0.1.0',
  })
  server = await startServer({ api: local.api, host: '127.0.0.1', port: 0 })
  browser = await chromium.launch({
    executablePath,
    // The sandbox of the browser needs privileges that containers do not have.
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  })
})
afterAll(async () => {
  await browser?.close()
  await server?.close(0)
  await local?.close(0)
  await fixture?.drop()
  await rm(folder, { recursive: true, force: true })
})

/** What a page asked for and complained of. */
interface Visit {
  readonly page: Page
  readonly requests: string[]
  readonly complaints: string[]
}

async function visit(path: string): Promise<Visit> {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 1_600 } })
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()}`))
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()}: ${response.url()}`)
  })
  page.on('pageerror', (fault) => complaints.push(String(fault)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  await page.goto(server.url + path)
  return { page, requests, complaints }
}

describe('the API reference', () => {
  test('shows every operation, asks nobody but its server, and has nothing to complain of', async () => {
    const { page, requests, complaints } = await visit('/docs')
    const operations = page.locator('.opblock')
    await operations.first().waitFor()
    expect(await operations.count()).toBe(Object.keys(OPERATIONS).length)
    expect(await page.locator('.info .title').textContent()).toContain('PRSM')

    await page.locator('.opblock', { hasText: '/v1/quotes' }).first().click()
    await page.locator('.opblock.is-open .opblock-body').waitFor()
    await page.locator('.opblock.is-open .responses-wrapper').waitFor()
    expect(await page.locator('.errors-wrapper').count()).toBe(0)

    const elsewhere = requests.filter(
      (url) => !url.startsWith(`${server.url}/`) && !url.startsWith('data:'),
    )
    expect(elsewhere).toEqual([])
    expect(complaints).toEqual([])
    await keepPicture(page, 'docs.png')
  })
})

/** A picture for who wants to look: PRSM_TEST_PICTURES names a folder that stays. */
async function keepPicture(page: Page, name: string): Promise<void> {
  // oxlint-disable-next-line node/no-process-env -- the runner's own settings
  const path = join(process.env['PRSM_TEST_PICTURES'] ?? folder, name)
  await page.screenshot({ path })
  expect((await stat(path)).size).toBeGreaterThan(10_000)
}
