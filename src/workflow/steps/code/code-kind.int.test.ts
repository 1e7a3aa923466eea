import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { realSurroundings } from '../../../../test/support/platform.ts'
import { sha256 } from '../../../kernel/hash.ts'
import type { Json } from '../../../kernel/json.ts'
import type { StepResult, StepTask } from '../step-kind.ts'

import { type CodeKind, createCodeKind } from './code-kind.ts'
import { createKeptLog, faultOf, runKind } from './testing.ts'

const { clock } = realSurroundings()
let home: string
let root: string
let kind: CodeKind
let count = 0

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'prsm-code-'))
  root = join(home, 'code')
  await mkdir(root)
  kind = createCodeKind({
    roots: [root],
    clock,
    maxProcesses: 2,
    environment: { GREETING: 'hello', PRSM_SECRET_KEY: 'hunter2', GONE: undefined },
  })
})
afterAll(async () => {
  await kind.close()
  await rm(home, { recursive: true, force: true })
})

async function write(source: string, name = `m${++count}.mjs`): Promise<string> {
  const path = join(root, name)
  await writeFile(path, source)
  return path
}
interface More {
  readonly with?: Readonly<Record<string, Json>>
  readonly task?: Partial<StepTask>
}
const call = async (source: string, more: More = {}): Promise<StepResult> =>
  runKind(kind, { module: await write(source), ...more.with }, more.task)
const output = async (source: string, more?: More): Promise<Json> =>
  (await call(source, more)).output

describe('a code step', () => {
  test('calls the default export with its input and tells it of its effect', async () => {
    const given = await output(
      `export default async (input, { idempotencyKey, attempt, folder, signal }) =>
         ({ doubled: input.n * 2, idempotencyKey, attempt, isHere: folder === process.cwd(), aborted: signal.aborted })`,
      { with: { input: { n: 21 } }, task: { idempotencyKey: 'run_a/b', attempt: 3 } },
    )
    expect(given).toEqual({
      doubled: 42,
      idempotencyKey: 'run_a/b',
      attempt: 3,
      isHere: true,
      aborted: false,
    })
  })

  test('keeps what it is to go on from, and finds what was kept before', async () => {
    const kept: Json[] = []
    const checkpoint = {
      load: () => ({ at: 7 }),
      save: async (value: Json) => void kept.push(value),
    }
    const source = `export default (_, { checkpoint }) => {
      const { at } = checkpoint.load()
      checkpoint.save({ at: at + 1 })
      checkpoint.save({ at: at + 2 })
      return checkpoint.load()
    }`
    expect(await output(source, { task: { checkpoint } })).toEqual({ at: 9 })
    expect(kept).toEqual([{ at: 8 }, { at: 9 }])
    const first = 'export default (_, { checkpoint }) => checkpoint.load() ?? null'
    expect(await output(first)).toBe(null)
  })

  test.each([
    ['a function', '() => 1'],
    ['a megabyte and more', '"x".repeat(1_000_001)'],
  ])('fails when it wants to keep %s', async (_, value) => {
    const source = `export default (_, { checkpoint }) => checkpoint.save(${value})`
    await expect(output(source)).rejects.toMatchObject({
      message: expect.stringContaining('a checkpoint'),
    })
  })

  test('calls another export by name, at a file URL, with imports of its own', async () => {
    await write('export const seven = 7', 'seven.mjs')
    const path = await write(
      `import { seven } from './seven.mjs'; export const add = (n) => n + seven`,
    )
    const parameters = { module: pathToFileURL(path).href, function: 'add', input: 1 }
    expect((await runKind(kind, parameters)).output).toBe(8)
  })

  test('without input gets null, and without a result gives null', async () => {
    expect(await output('export default (input) => { if (input !== null) throw input }')).toBeNull()
  })

  test('pays for the core time it used, sleeping for free', async () => {
    const busy = await call(
      `export default () => { const start = process.cpuUsage(); while (process.cpuUsage(start).user < 1e6); }`,
    )
    const idle = await call('export default () => new Promise((r) => setTimeout(r, 300))')
    const [[spent], [rested]] = [busy.usage ?? [], idle.usage ?? []]
    expect(spent?.resource === 'cpu_cores' && spent.coreMs).toBeGreaterThanOrEqual(1_000)
    expect(rested?.resource === 'cpu_cores' && rested.coreMs).toBeLessThan(1_000)
  })

  test('reserves the core time it may use, and expects a third of it, which fits the default budget', async () => {
    const prepared = kind.prepare({ module: '/m.mjs', maxCoreMs: 5_000 })
    expect(prepared.kind === 'work' && (await prepared.bound())).toEqual([
      { resource: 'cpu_cores', coreMs: 5_000 },
    ])
    expect(kind.expect({})).toEqual([{ resource: 'cpu_cores', coreMs: 20_000 }])
    expect(kind.expect({ maxCoreMs: 5 })).toEqual([{ resource: 'cpu_cores', coreMs: 1_000 }])
  })

  test('sees the environment it is given, without what belongs to the platform', async () => {
    const source =
      'export default () => [process.env.GREETING, process.env.PRSM_SECRET_KEY, process.env.HOME]'
    expect(await output(source)).toEqual(['hello', null, null])
  })

  test('keeps its process warm for the same content, and takes a new one after a change', async () => {
    const source = 'let calls = 0; export default () => ({ pid: process.pid, calls: ++calls })'
    const module = await write(source)
    const first = (await runKind(kind, { module })).output
    const second = (await runKind(kind, { module })).output
    expect(second).toMatchObject({ ...(first as object), calls: 2 })
    await writeFile(module, source.replace('calls = 0', 'calls = 10'))
    expect((await runKind(kind, { module })).output).toMatchObject({ calls: 11 })
  })

  test('that leaves something running gets no second call in its process', async () => {
    const module = await write(
      'let calls = 0; export default () => { setInterval(() => {}, 1000); return ++calls }',
    )
    expect((await runKind(kind, { module })).output).toBe(1)
    expect((await runKind(kind, { module })).output).toBe(1)
  })

  test('forwards console, standard output and its log, in order and up to a bound', async () => {
    const log = createKeptLog()
    await call(
      `console.log('a', { b: 1 }); export default (_, { log }) => {
         console.error('c'); process.stdout.write('d\\n'); log.error('e %d', 5)
         for (let i = 0; i < 1000; i++) console.log('x'.repeat(1000))
       }`,
      { task: { log } },
    )
    expect(log.lines.slice(0, 4)).toEqual([
      { level: 'info', event: 'code.output', text: 'a { b: 1 }' },
      { level: 'warn', event: 'code.output', text: 'c' },
      { level: 'info', event: 'code.output', text: 'd' },
      { level: 'error', event: 'code.output', text: 'e 5' },
    ])
    expect(log.lines.length).toBeLessThan(75)
    expect(JSON.stringify(log.lines.at(-1))).toContain('further output is dropped')
  })

  test('beyond the number of processes waits its turn', async () => {
    const source = (n: number): string =>
      `export default () => new Promise((r) => setTimeout(() => r(${n}), 50))`
    const all = await Promise.all([1, 2, 3, 4, 5].map((n) => output(source(n))))
    expect(all).toEqual([1, 2, 3, 4, 5])
  })
})

describe('a code step fails with', () => {
  test.each([
    ['code.threw', 'export default () => { throw new RangeError("no") }', /threw RangeError: no/],
    ['code.threw', 'export default () => { throw { odd: 1 } }', /threw object: \{ odd: 1 \}/],
    ['code.threw', 'export default () => { throw undefined }', /threw undefined: undefined/],
    [
      'code.threw',
      'export default () => { throw Object.assign(new Error(), { message: Symbol("m"), name: 5, stack: {} }) }',
      /threw 5: Symbol\(m\)/,
    ],
    [
      'code.threw',
      'export default async () => { Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 9000)) }',
      /threw Error: lost/,
    ],
    [
      'code.threw',
      'export default () => new Promise(() => setTimeout(() => { throw new Error("late") }, 5))',
      /threw Error: late/,
    ],
    [
      'code.not-json',
      'export default () => ({ a: [1, () => 1] })',
      /"a\[1\]" of its result is a function/,
    ],
    ['code.not-json', 'export default () => 1n', /its result is a bigint/],
    ['code.exited', 'export default () => process.exit(0)', /exited with code 0/],
    ['code.exited', 'export default () => process.exit(7)', /exited with code 7/],
    ['code.exited', 'export default () => process.abort()', /signal SIGABRT/],
    ['code.exited', 'export default () => process.kill(process.pid, "SIGKILL")', /SIGKILL/],
    ['code.exited', 'export default () => process.disconnect()', /without a result/],
    ['code.exited', 'export default () => new Promise(() => {})', /nothing can settle/],
    ['code.exited', 'await new Promise(() => {}); export default 1', /nothing can settle/],
    ['code.exited', 'process.exit(3); export default 1', /exited with code 3/],
    ['code.invalid-module', 'const x = ;', /SyntaxError: Unexpected token/],
    ['code.invalid-module', 'import "./nowhere.mjs"', /Cannot find module/],
    ['code.invalid-module', 'throw new TypeError("top")', /TypeError: top/],
    ['code.unknown-function', 'export const x = 1', /exports no function "default"/],
  ])('%s: %s', async (code, source, message) => {
    const fault = await faultOf(call(source))
    expect(fault).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('code.unknown-function, naming what was probably meant', async () => {
    const fault = await faultOf(
      call('export const summarise = () => 1', { with: { function: 'sumarise' } }),
    )
    expect(fault).toMatchObject({
      code: 'code.unknown-function',
      message: expect.stringContaining('did you mean "summarise"?'),
    })
  })

  test('code.threw, with the stack of the author’s files and what it says about retrying', async () => {
    const module = await write(
      `export default function outer() {\n  return inner()\n}\nfunction inner() {\n  throw Object.assign(new Error('busy'), { isTransient: true, retryAfterMs: 1500 })\n}`,
    )
    const fault = await faultOf(runKind(kind, { module }))
    expect(fault).toMatchObject({ code: 'code.threw', isTransient: true, retryAfterMs: 1_500 })
    const { stack } = (fault as { details: { stack: readonly string[] } }).details
    expect(stack).toHaveLength(2)
    expect(stack[0]).toMatch(/at inner .*m\d+\.mjs:5:/)
  })

  test('code.not-started, when the system gives no process, which may pass', async () => {
    const environment = { TOO_LONG: 'x'.repeat(4_000_000) }
    const other = createCodeKind({ roots: [root], clock, environment })
    const module = await write('export default () => 1')
    const faults = await Promise.all([1, 2, 3].map(() => faultOf(runKind(other, { module }))))
    for (const fault of faults) {
      expect(fault).toMatchObject({ code: 'code.not-started', isTransient: true })
    }
  })

  test('code.out-of-time, when it loops for ever and nobody set a timeout', async () => {
    const fault = await faultOf(
      call('export default () => { for (;;); }', { with: { maxCoreMs: 400 } }),
    )
    expect(fault).toMatchObject({ code: 'code.out-of-time', details: { maxCoreMs: 400 } })
  })

  // Each of these aborts the whole process; in a thread, half of them would take the platform along.
  test.each([
    ['objects', 'const all = []; for (;;) all.push({ a: [1, 2] })'],
    ['one long list', 'return new Array(6e7).fill(0).length'],
    ['a map', 'const map = new Map(); for (let i = 0; ; i++) map.set(i, i)'],
    ['long texts', 'const all = []; for (;;) all.push("ab,".repeat(1e7).split(","))'],
    ['buffers', 'const all = []; for (;;) all.push(Buffer.alloc(1e7, 1))'],
  ])('code.out-of-memory, for %s', async (_name, body) => {
    const fault = await faultOf(
      call(`export default () => { ${body} }`, { with: { memoryMb: 64 } }),
    )
    expect(fault).toMatchObject({ code: 'code.out-of-memory', details: { memoryMb: 64 } })
  })
})

describe('a module', () => {
  test('that is not there, or no absolute path, is unknown', async () => {
    for (const module of [
      join(root, 'none.mjs'),
      'm.mjs',
      root,
      'https://x.test/m.mjs',
      'data:text/javascript,1',
      'node:fs',
      `${root}/a\0b`,
    ]) {
      expect(await faultOf(runKind(kind, { module }))).toMatchObject({
        code: module === root ? 'code.not-allowed' : 'code.unknown-module',
      })
    }
  })

  test('outside of the roots is not allowed, nor is a link that leads there', async () => {
    const outside = join(home, 'outside.mjs')
    await writeFile(outside, 'export default () => 1')
    await symlink(outside, join(root, 'link.mjs'))
    for (const module of [outside, join(root, '..', 'outside.mjs'), join(root, 'link.mjs')]) {
      expect(await faultOf(runKind(kind, { module }))).toMatchObject({ code: 'code.not-allowed' })
    }
  })

  test('below a root that is itself a link is allowed', async () => {
    const linked = join(home, 'linked')
    await symlink(root, linked)
    const other = createCodeKind({ roots: [linked], clock })
    const module = await write('export default () => 1')
    expect((await runKind(other, { module })).output).toBe(1)
    await other.close()
  })

  test('whose content is not the expected one has changed', async () => {
    const source = 'export default () => 1'
    const module = await write(source)
    const same = { module, digest: sha256(source) }
    expect((await runKind(kind, same)).output).toBe(1)
    await writeFile(module, 'export default () => 2')
    expect(await faultOf(runKind(kind, same))).toMatchObject({
      code: 'code.module-changed',
      message: expect.stringContaining(module),
      details: { expected: same.digest, actual: sha256('export default () => 2') },
    })
  })
})

describe('a stopped code step', () => {
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }

  test('ends an endless loop, its process and what that started', async () => {
    const controller = new AbortController()
    const folder = await mkdtemp(join(home, 'run-'))
    const source = `import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs'
      export default () => {
        const child = spawn('sleep', ['60'], { stdio: 'ignore' })
        writeFileSync('pids', process.pid + ' ' + child.pid); for (;;);
      }`
    const fault = faultOf(
      call(source, { task: { signal: controller.signal, folder: async () => folder } }),
    )
    const pids = async (): Promise<readonly number[]> =>
      (await readFile(join(folder, 'pids'), 'utf8')).split(' ').map(Number)
    await expect.poll(() => pids().catch(() => [])).toHaveLength(2)
    const reason = new Error('enough')
    controller.abort(reason)
    expect(await fault).toBe(reason)
    const [own = 0, child = 0] = await pids()
    await expect.poll(() => isAlive(own) || isAlive(child)).toBe(false)
  })

  test('is told first, and may tidy up', async () => {
    const controller = new AbortController()
    const log = createKeptLog()
    const source = `export default (_, { signal, log }) => new Promise(() => {
        signal.addEventListener('abort', () => log.info('tidied'))
        log.info('begun'); setInterval(() => {}, 1000)
      })`
    const fault = faultOf(call(source, { task: { signal: controller.signal, log } }))
    await expect.poll(() => log.lines.length).toBe(1)
    controller.abort(new Error('stop'))
    await fault
    await expect.poll(() => log.lines.length).toBe(2)
  })

  test('that waits for a process leaves the queue at once', async () => {
    const one = createCodeKind({ roots: [root], clock, maxProcesses: 1 })
    const module = await write('export default () => new Promise((r) => setTimeout(r, 300))')
    const first = runKind(one, { module })
    const controller = new AbortController()
    const second = faultOf(runKind(one, { module }, { signal: controller.signal }))
    const third = runKind(one, { module })
    controller.abort(new Error('not any more'))
    expect(await second).toMatchObject({ message: 'not any more' })
    await Promise.all([first, third])
    await one.close()
  })

  test('does not outlive a platform that is killed', async () => {
    const pidFile = join(home, 'orphan')
    const module = await write(
      `import { writeFileSync } from 'node:fs'; export default () => { writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); for (;;); }`,
    )
    const host = `
      const { createCodeKind } = await import(${JSON.stringify(new URL('./code-kind.ts', import.meta.url).href)})
      const { createTestTask } = await import(${JSON.stringify(new URL('./testing.ts', import.meta.url).href)})
      const clock = { now: () => 0, after: (ms, f) => { const t = setTimeout(f, ms); return () => clearTimeout(t) } }
      const kind = createCodeKind({ roots: [${JSON.stringify(root)}], clock })
      await kind.prepare({ module: ${JSON.stringify(module)} }).run(createTestTask())`
    const script = join(home, 'host.mjs')
    await writeFile(script, host)
    const running = promisify(execFile)(process.execPath, ['--import', 'tsx', script])
    const pid = async (): Promise<number> =>
      Number(await readFile(pidFile, 'utf8').catch(() => '0'))
    await expect.poll(pid).toBeGreaterThan(0)
    running.child.kill('SIGKILL')
    await faultOf(running)
    const orphan = await pid()
    await expect.poll(() => isAlive(orphan)).toBe(false)
  })
})
