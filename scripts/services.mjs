/**
 * The suites that `npm test` leaves out, because they need a service, a browser, or more time: the
 * integration tests on a PostgreSQL of yours, many kills on both databases, a large
 * graph, pages in a browser.
 *
 *   PRSM_TEST_DATABASE_URL=postgres://user@host:5432/name node scripts/services.mjs
 *
 * PRSM_TEST_DATABASE_URL: a server on which the user may create databases.
 * PRSM_TEST_CHROMIUM: the browser, if it is not on the PATH under a well-known name.
 * PRSM_TEST_KILLS: kills in each test of kills; 50 if unset.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { findChromium } from './find-chromium.mjs'

const ROOT = resolve(import.meta.dirname, '..')
const VITEST = resolve(ROOT, 'node_modules/vitest/vitest.mjs')
const KILLS = process.env.PRSM_TEST_KILLS ?? '50'
const url = process.env.PRSM_TEST_DATABASE_URL
const chromium = findChromium()

const kills = {
  args: ['--project', 'integration', 'test/faults.int.test.ts'],
  env: { PRSM_TEST_KILLS: KILLS },
}
/** What speaks to the database, and not what only stands on that: `npm test` tries the rest. */
const ON_DATABASE = [
  'src/platform/sql/',
  'src/ledger',
  'src/artifacts',
  'src/access',
  'src/app/',
  'src/workflow/',
  'src/progress/',
  'src/vault/',
  'test/queue',
  'test/history',
  'test/library',
  'test/schedules/',
]
const suites = [
  { name: `${KILLS} kills, embedded PostgreSQL`, ...kills, database: undefined },
  {
    name: `${KILLS} kills, given PostgreSQL`,
    ...kills,
    database: url,
    skip: url === undefined && 'PRSM_TEST_DATABASE_URL is not set',
  },
  {
    name: 'system tests: the database launcher, a full disk, a graph of 100,000 steps, conformance of the embedded database and of Restate',
    args: ['--project', 'system'],
    database: undefined,
  },
  {
    name: 'conformance, given PostgreSQL',
    args: ['--project', 'system', 'test/conformance/given-postgres.system.test.ts'],
    database: url,
    skip: url === undefined && 'PRSM_TEST_DATABASE_URL is not set',
  },
  {
    name: 'integration tests, given PostgreSQL',
    args: ['--project', 'integration', ...ON_DATABASE],
    database: url,
    skip: url === undefined && 'PRSM_TEST_DATABASE_URL is not set',
  },
  {
    name: 'browser',
    args: ['--project', 'browser'],
    env: { PRSM_TEST_CHROMIUM: chromium },
    database: undefined,
    skip: chromium === undefined && 'there is no Chromium; PRSM_TEST_CHROMIUM names one',
  },
]

const reports = mkdtempSync(join(tmpdir(), 'prsm-services-'))
const results = []
try {
  for (const suite of suites) results.push(await run(suite))
} finally {
  rmSync(reports, { recursive: true, force: true })
}
console.log(`\n${results.flat().join('\n')}`)

async function run({ name, args, env = {}, database, skip }) {
  if (skip) return `skipped ${name}: ${skip}`
  console.log(`\n${name}`)
  const begun = performance.now()
  const report = join(reports, `${results.length}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const child = spawn(process.execPath, [VITEST, 'run', ...reporters, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...env, PRSM_TEST_DATABASE_URL: database },
  })
  const status = await new Promise((done) => child.on('close', done))
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
  if (status === 0) return `ok      ${name} (${seconds} s)`
  process.exitCode = 1
  return [`FAILED  ${name} (${seconds} s)`, ...failures(report)]
}

/** What failed, in few words: of a long log, often only the end is at hand. */
function failures(report) {
  if (!existsSync(report)) return ['        no report']
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    if (failed.length === 0 && message) return [`        ${name}: ${brief(message)}`]
    return failed.map(
      ({ fullName, failureMessages }) => `        ${fullName}: ${brief(failureMessages.join(' '))}`,
    )
  })
}

function brief(message) {
  return message.split('\n').slice(0, 12).join('\n          ').slice(0, 1_200)
}
