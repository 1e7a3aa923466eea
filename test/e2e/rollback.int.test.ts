import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { flow, idOf, openTestCli, type TestCli } from '../support/cli.ts'
import { type Gate, startGate } from '../support/gate.ts'

let cli: TestCli
let gate: Gate
beforeAll(async () => {
  gate = await startGate()
  cli = await openTestCli({ PRSM_HTTP_ALLOW_PRIVATE: gate.host })
})
afterAll(async () => {
  await cli.drop()
  await gate.close()
})

const ask = (path: string, more: JsonObject = {}): JsonObject => ({
  uses: 'http',
  with: { url: gate.url(path) },
  ...more,
})
/** A step that can be undone. */
const pair = (path: string, more: JsonObject = {}): JsonObject =>
  ask(`${path}/do`, {
    compensate: { uses: 'http', with: { url: gate.url(`${path}/undo`) } },
    ...more,
  })
const askedFor = (name: string): readonly string[] =>
  gate.asked
    .filter((path) => path.includes(`/${name}/`))
    .map((path) => path.split(`/${name}/`)[1] ?? '')

/** Runs a definition to where it ends, or waits; gives the run as it is then. */
async function runIt(name: string, steps: Readonly<Record<string, Json>>, head: JsonObject = {}) {
  const file = await cli.write(`${name}.json`, flow(steps, { name, ...head }))
  const { value } = await cli.json('run', file)
  return { run: idOf(value), value }
}
const eventsOf = async (run: string): Promise<readonly JsonObject[]> =>
  (await cli.run('logs', run, '--json')).out
    .trim()
    .split('\n')
    .flatMap((line): readonly JsonObject[] => {
      const parsed = JSON.parse(line) as JsonObject | readonly JsonObject[]
      return Array.isArray(parsed) ? parsed : [parsed as JsonObject]
    })
const actionsOf = async (run: string): Promise<Readonly<Record<string, Json>>> => {
  const acted = (await eventsOf(run)).filter(({ kind }) => kind === 'rollback.acted')
  return Object.fromEntries(
    acted.map(({ data }) => {
      const { action, result } = data as JsonObject
      return [typeof action === 'string' ? action : '', result ?? null]
    }),
  )
}
const resultOf = async (run: string): Promise<Json | undefined> => {
  const ended = (await eventsOf(run)).findLast(({ kind }) => kind === 'rollback.ended')
  return (ended?.['data'] as JsonObject | undefined)?.['result']
}

describe('a strategy', () => {
  test('full_rollback undoes everything, and a resumed run does it anew', async () => {
    const { run, value } = await runIt(
      'full',
      {
        a: pair('/full/a'),
        b: ask('/full/b', { needs: 'a' }),
        c: ask('/fail/full/c', { needs: 'b' }),
      },
      { rollback: 'full_rollback', budget: '1 FTNS' },
    )
    expect(value).toMatchObject({ status: 'failed', failedStep: 'c' })
    expect(await cli.json('show', run)).toMatchObject({
      value: { failure: 'step_execution_error' },
    })
    expect(askedFor('full')).toEqual(['a/do', 'b', 'c', 'a/undo'])
    expect(await actionsOf(run)).toEqual({
      compensate_effects: 'success',
      cleanup_artifacts: 'skipped',
      deallocate_resources: 'skipped',
      restore_state: 'success',
      reset_dependencies: 'success',
      refund_credits: 'success',
      log_incident: 'skipped',
      send_notification: 'success',
    })
    expect(await resultOf(run)).toBe('success')
    await cli.run('resume', run)
    expect(askedFor('full').slice(4)).toEqual(['a/do', 'b', 'c', 'a/undo'])
  })

  test('partial_rollback undoes the failed branch and keeps the other', async () => {
    const { run } = await runIt(
      'part',
      {
        root: pair('/part/root'),
        left: pair('/part/left', { needs: 'root' }),
        right: pair('/part/right', { needs: 'root' }),
        end: ask('/fail/part/end', { needs: 'left', rollback: 'partial_rollback' }),
      },
      { failFast: false },
    )
    expect(askedFor('part').filter((each) => each.endsWith('undo'))).toEqual(['left/undo'])
    expect(await resultOf(run)).toBe('success')
  })

  test('compensate_only undoes effects and keeps the results, so nothing is resumed', async () => {
    const { run } = await runIt(
      'only',
      {
        a: pair('/only/a'),
        b: ask('/fail/only/b', { needs: 'a' }),
      },
      { rollback: { on: { step_execution_error: 'compensate_only' } } },
    )
    expect(await actionsOf(run)).not.toHaveProperty('restore_state')
    const refused = await cli.run('resume', run, '--no-watch')
    expect(refused.code).not.toBe(0)
    expect(askedFor('only')).toEqual(['a/do', 'b', 'a/undo'])
  })

  test('retry_failed_step begins the step again, and then does what is said', async () => {
    const rollback = { strategy: 'retry_failed_step', retries: 2, otherwise: 'skip_and_continue' }
    const { value } = await runIt('again', {
      a: ask('/fail/again/a', { rollback, retry: { max: 0, initial: '1ms' } }),
      b: ask('/again/b', { needs: 'a' }),
    })
    expect(value).toMatchObject({ status: 'completed' })
    expect(askedFor('again')).toEqual(['a', 'a', 'a', 'b'])
  })

  test('skip_and_continue goes on with nothing in its place', async () => {
    const { value } = await runIt(
      'skip',
      {
        a: ask('/fail/skip/a', { rollback: 'skip_and_continue' }),
        b: { uses: 'transform', needs: 'a', with: { value: '{% $steps.a.output = null %}' } },
      },
      { output: '{% $steps.b.output %}' },
    )
    expect(value).toMatchObject({ status: 'completed', output: true })
  })

  describe('manual_intervention waits for a decision', () => {
    const start = async (name: string): Promise<string> => {
      const { run, value } = await runIt(name, {
        a: pair(`/${name}/a`),
        b: ask(`/fail/${name}/b`, { needs: 'a', rollback: 'manual_intervention' }),
        c: ask(`/${name}/c`, { needs: 'b' }),
      })
      expect(value).toMatchObject({
        status: 'paused',
        next: expect.arrayContaining([`prsm rollback resolve ${run} skip`]),
      })
      expect(await actionsOf(run)).toMatchObject({
        log_incident: 'success',
        send_notification: 'success',
      })
      return run
    }

    test('retry', async () => {
      const run = await start('m-retry')
      const [incident] = await cli.list('incidents', 'ls')
      expect(incident).toMatchObject({
        run,
        step: 'b',
        reason: 'manual_intervention',
        state: 'open',
      })
      expect((await cli.run('incidents', 'show', idOf(incident))).out).toContain(
        '"code": "http.status"',
      )
      expect(await cli.run('incidents', 'resolve', idOf(incident))).toMatchObject({ code: 3 })
      const { code } = await cli.run('rollback', 'resolve', run, 'retry', '--note', 'once more')
      // It fails again, and asks again.
      expect([code, askedFor('m-retry')]).toEqual([0, ['a/do', 'b', 'b']])
      const all = await cli.list('incidents', 'ls', '--all')
      expect(all.filter((each) => each['run'] === run)).toMatchObject([
        { state: 'open' },
        { state: 'resolved', resolution: 'retry', note: 'once more', resolvedBy: 'local' },
      ])
      await cli.run('rollback', 'resolve', run, 'give-up')
    })

    test('skip', async () => {
      const run = await start('m-skip')
      expect((await cli.run('rollback', 'resolve', run, 'skip')).code).toBe(0)
      expect(askedFor('m-skip')).toEqual(['a/do', 'b', 'c'])
      expect(await cli.list('incidents', 'ls')).toEqual([])
    })

    test('compensate', async () => {
      const run = await start('m-comp')
      expect((await cli.run('rollback', 'resolve', run, 'compensate')).code).toBe(1)
      expect(askedFor('m-comp')).toEqual(['a/do', 'b', 'a/undo'])
    })

    test('give up', async () => {
      const run = await start('m-give')
      expect((await cli.run('rollback', 'resolve', run, 'give-up')).code).toBe(1)
      expect(askedFor('m-give')).toEqual(['a/do', 'b'])
      expect((await cli.json('show', run)).value).toMatchObject({ status: 'failed' })
      expect(await cli.run('rollback', 'resolve', run, 'retry')).toMatchObject({ code: 3 })
    })

    test('and no other', async () => {
      expect(await cli.run('rollback', 'resolve', 'last', 'panic')).toMatchObject({ code: 2 })
    })
  })
})

describe('a pivot', () => {
  test('is not gone back behind: the step after it is tried again, then somebody is asked', async () => {
    const { run, value } = await runIt('pivot', {
      reserve: pair('/pivot/reserve'),
      charge: pair('/pivot/charge', { needs: 'reserve', pivot: true }),
      pack: pair('/pivot/pack', { needs: 'charge' }),
      ship: ask('/fail/pivot/ship', { needs: 'pack', retry: { max: 0, initial: '1ms' } }),
    })
    expect(value).toMatchObject({ status: 'paused' })
    expect(askedFor('pivot')).toEqual(['reserve/do', 'charge/do', 'pack/do', 'ship', 'ship'])
    const { out } = await cli.run('rollback', 'plan', run)
    expect(out).toMatch(/1 +undo +pack/)
    expect(out).toMatch(/keep +charge +a pivot has completed/)
    await cli.run('rollback', 'resolve', run, 'compensate')
    expect(askedFor('pivot').slice(5)).toEqual(['pack/undo'])
    expect(await resultOf(run)).toBe('partial_success')
  })
})

describe('a rollback by request', () => {
  const steps = (name: string): Record<string, Json> => ({
    a: pair(`/${name}/a`),
    b: pair(`/${name}/b`, { needs: 'a' }),
    c: pair(`/${name}/c`, { needs: 'b' }),
  })

  test('undoes a completed run, in the order of its plan', async () => {
    const { run } = await runIt('whole', steps('whole'))
    const { value: plan } = await cli.json('rollback', 'plan', run)
    expect(plan).toMatchObject({
      isPossible: true,
      undo: [
        { step: 'c', stage: 1 },
        { step: 'b', stage: 2 },
        { step: 'a', stage: 3 },
      ],
    })
    expect(askedFor('whole')).toHaveLength(3)
    const { code, value } = await cli.json('rollback', 'run', run)
    expect([code, value]).toMatchObject([0, { status: 'cancelled', result: 'success' }])
    expect(askedFor('whole').slice(3)).toEqual(['c/undo', 'b/undo', 'a/undo'])
    expect((await cli.json('rollback', 'plan', run)).value).toMatchObject({ undo: [] })
  })

  test('goes back to a step, from where the run goes on with new effects', async () => {
    const { run } = await runIt('back', steps('back'))
    const { out, code } = await cli.run('rollback', 'run', run, '--to', 'a')
    expect([code, out]).toEqual([0, `${run} rolled back: success\n`])
    expect((await cli.json('show', run)).value).toMatchObject({ status: 'paused' })
    expect((await cli.run('resume', run)).code).toBe(0)
    expect(askedFor('back')).toEqual(['a/do', 'b/do', 'c/do', 'c/undo', 'b/undo', 'b/do', 'c/do'])
  })

  test('is refused where it makes no sense', async () => {
    const { run } = await runIt('odd', steps('odd'))
    expect(await cli.run('rollback', 'run', run, '--to', 'nowhere')).toMatchObject({
      code: 3,
      err: expect.stringContaining('the run has no step "nowhere"'),
    })
    expect((await cli.json('rollback', 'plan', run, '--to', 'nowhere')).value).toMatchObject({
      isPossible: false,
    })
  })
})

describe('what cannot be undone', () => {
  test('is left to a person with everything that takes', async () => {
    const broken = { uses: 'http', with: { url: gate.url('/fail/hand/undo') } }
    const { run } = await runIt('hand', {
      a: pair('/hand/a'),
      b: ask('/hand/b', { needs: 'a', compensate: broken }),
      c: ask('/fail/hand/c', { needs: 'b' }),
    })
    expect(await resultOf(run)).toBe('manual_required')
    expect(await actionsOf(run)).toMatchObject({
      compensate_effects: 'partial_success',
      log_incident: 'success',
    })
    const [incident] = await cli.list('incidents', 'ls')
    expect(incident).toMatchObject({
      run,
      step: 'b',
      reason: 'undo_failed',
      details: { uses: 'http', with: broken.with, output: { status: 200 }, attempts: 1 },
    })
    expect((await cli.run('resume', run, '--no-watch')).code).not.toBe(0)
    const closed = await cli.run('incidents', 'resolve', idOf(incident), '--note', 'by phone')
    expect(closed).toMatchObject({ code: 0, out: `${idOf(incident)} resolved\n` })
    expect(await cli.list('incidents')).toEqual([])
    expect(await cli.run('incidents', 'show', 'inc_none')).toMatchObject({ code: 1 })
  })

  test('and nothing else was: the rollback has failed', async () => {
    const broken = { uses: 'http', with: { url: gate.url('/fail/none/undo') } }
    const { run } = await runIt('none', {
      a: ask('/none/a', { compensate: broken }),
      b: ask('/fail/none/b', { needs: 'a' }),
    })
    expect([await resultOf(run), await actionsOf(run)]).toMatchObject([
      'failed',
      { compensate_effects: 'failed' },
    ])
    const [incident] = await cli.list('incidents', 'ls')
    await cli.run('incidents', 'resolve', idOf(incident))
  })

  test('nothing was done: there is nothing to roll back', async () => {
    const { run } = await runIt('idle', { a: ask('/fail/idle/a') }, { rollback: 'full_rollback' })
    expect(await resultOf(run)).toBe('skipped')
  })
})

describe('what a step leaves', () => {
  const remove = (path: string): JsonObject => ({ uses: 'http', with: { url: gate.url(path) } })

  test('is removed once when the run ends, whether it completes or fails', async () => {
    const good = await runIt('clean', { a: ask('/clean/a', { cleanup: remove('/clean/gone') }) })
    const bad = await runIt(
      'messy',
      {
        a: ask('/fail/messy/a', { cleanup: remove('/messy/gone') }),
      },
      { rollback: 'full_rollback' },
    )
    expect([good.value, bad.value]).toMatchObject([{ status: 'completed' }, { status: 'failed' }])
    expect([askedFor('clean'), askedFor('messy')]).toEqual([
      ['a', 'gone'],
      ['a', 'gone'],
    ])
    expect(await actionsOf(bad.run)).toMatchObject({ deallocate_resources: 'success' })
  })

  test('is removed when its lease ends, while the run goes on', async () => {
    const { run } = await runIt('lease', {
      a: ask('/lease/a', { cleanup: { ...remove('/lease/gone'), after: '20ms' } }),
      b: { uses: 'wait', needs: 'a', with: { for: '150ms' } },
      c: ask('/lease/c', { needs: 'b' }),
    })
    expect(askedFor('lease')).toEqual(['a', 'gone', 'c'])
    const kinds = (await eventsOf(run)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'clean.completed')).toHaveLength(1)
  })
})

describe('the example of a saga', () => {
  const EXAMPLE = join(import.meta.dirname, '../../examples/approval-saga/workflow.yaml')
  const start = async (): Promise<string> => {
    const { value } = await cli.json('run', EXAMPLE, '--input', 'item=lamp')
    expect(value).toMatchObject({ status: 'waiting' })
    return idOf(value)
  }
  const logOf = async (run: string): Promise<readonly string[]> =>
    (await cli.read(`data/runs/${run}/shop.log`)).trim().split('\n')

  test('undoes everything on a rejection, and leaves no draft', async () => {
    const run = await start()
    await cli.run('reject', run, '--comment', 'too dear')
    expect((await cli.run('resume', run)).code).toBe(1)
    expect((await cli.json('show', run)).value).toMatchObject({ failure: 'user_cancellation' })
    const log = await logOf(run)
    expect(log.slice(0, 2).toSorted()).toEqual(['book a courier for lamp', 'reserve lamp'])
    expect(log.slice(2).toSorted()).toEqual(['cancel the courier for lamp', 'release lamp'])
    expect(await actionsOf(run)).toMatchObject({ cleanup_artifacts: 'success' })
    await expect(cli.read(`data/runs/${run}/draft.txt`)).rejects.toThrow('ENOENT')
  })

  test('ships what was approved', async () => {
    const run = await start()
    await cli.run('approve', run)
    expect((await cli.run('resume', run)).out).toBe('one lamp is on its way\n')
    expect((await logOf(run)).slice(2)).toEqual(['charge 40', 'ship lamp'])
  })
})
