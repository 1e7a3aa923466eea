import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json, JsonObject } from '../../src/kernel/json.ts'
import { flow, idOf, openTestCli, type StartedCommand, type TestCli } from '../support/cli.ts'
import { type Gate, startGate } from '../support/gate.ts'
import { ProcessEnd } from '../support/terminal.ts'

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

const ask = (path: string, more: JsonObject = {}): Json => ({
  uses: 'http',
  with: { url: gate.url(path) },
  ...more,
})
const count = (path: string): number => gate.asked.filter((each) => each === path).length
const statusOf = async (run: string): Promise<Json | undefined> =>
  (await cli.json('show', run)).value['status']
/** A run whose second step is held: until it is asked for, nothing goes on. */
const startHeld = async (name: string): Promise<{ run: string; command: StartedCommand }> => {
  gate.shut()
  const steps = { a: ask(`/${name}/a`), b: ask(`/hold/${name}`, { needs: 'a' }) }
  const file = await cli.write(`${name}.json`, flow(steps, { name }))
  const command = cli.start(['run', file])
  await command.until(/step b started/)
  await expect.poll(() => count(`/hold/${name}`)).toBe(1)
  const [found] = await cli.list('ls', '--name', name)
  return { run: idOf(found), command }
}

describe('Ctrl-C', () => {
  test('stops a run so that it can be resumed, and finished steps are not repeated', async () => {
    const { run, command } = await startHeld('stopped')
    command.terminal.interrupt()
    const { code, err } = await command.ended
    expect(code).toBe(130)
    expect(err).toContain(`${run} interrupted after `)
    expect(err).toContain(`finished steps keep their results; go on with\n  prsm resume ${run}\n`)
    expect(await statusOf(run)).toBe('paused')
    gate.open()
    const resumed = await cli.run('resume', run)
    expect([resumed.code, resumed.err]).toMatchObject([
      0,
      expect.stringMatching(/ completed after /),
    ])
    expect([count('/stopped/a'), count('/hold/stopped')]).toEqual([1, 2])
  })

  test('twice ends the process at once, and the run can still be resumed', async () => {
    const { run, command } = await startHeld('twice')
    command.terminal.interrupt()
    expect(() => command.terminal.interrupt()).toThrow(new ProcessEnd(130))
    expect((await command.ended).code).toBe(130)
    gate.open()
    expect((await cli.run('resume', run.slice(-8), '--no-watch')).code).toBe(0)
  })

  test('while a run waits leaves it waiting, and says how it goes on', async () => {
    const steps = { late: { uses: 'wait', with: { for: '1h' } } }
    const file = await cli.write('late.json', flow(steps, { name: 'late' }))
    const command = cli.start(['run', file])
    await command.until(/step late waits for a time/)
    command.terminal.interrupt()
    const { code, err } = await command.ended
    expect([code, err]).toMatchObject([130, expect.stringMatching(/prsm resume run_\w+\n$/)])
    expect(await cli.run('cancel', 'last')).toMatchObject({ code: 0 })
  })

  test('stops the runs of steps as well, and they go on with the run', async () => {
    gate.shut()
    const inner = { one: ask('/child/one'), two: ask('/hold/child', { needs: 'one' }) }
    const steps = {
      call: { uses: 'workflow', with: { definition: flow(inner, { name: 'child' }) } },
      end: { uses: 'transform', needs: 'call', with: { value: 'all done' } },
    }
    const head = { name: 'parent', output: '{% $steps.end.output %}' }
    const command = cli.start(['run', await cli.write('parent.json', flow(steps, head))])
    await command.until(/step call runs run_\w+/)
    await expect.poll(() => count('/hold/child')).toBe(1)
    command.terminal.interrupt()
    const run = /prsm resume (run_\w+)/.exec((await command.ended).err)?.[1] ?? ''
    gate.open()
    expect(await cli.run('resume', run)).toMatchObject({ code: 0, out: 'all done\n' })
    expect(count('/child/one')).toBe(1)
  })

  test('with --json gives the record all the same', async () => {
    gate.shut()
    const file = await cli.write('record.json', flow({ a: ask('/hold/record') }))
    const command = cli.start(['run', file, '--json'])
    await expect.poll(() => count('/hold/record')).toBe(1)
    command.terminal.interrupt()
    const { code, out, err } = await command.ended
    const record = JSON.parse(out) as JsonObject
    expect([code, err, record]).toMatchObject([
      130,
      '',
      { status: 'paused', ending: 'interrupted', next: [`prsm resume ${idOf(record)}`] },
    ])
  })

  test('while a run of another process is followed only ends the following', async () => {
    const { run, command } = await startHeld('watched')
    const follower = cli.start(['logs', run, '--follow'])
    await follower.until(/step b started/)
    follower.terminal.interrupt()
    expect((await follower.ended).code).toBe(130)
    gate.open()
    expect((await command.ended).code).toBe(0)
  })
})

describe('pause and cancel', () => {
  test('reach a run that another process drives', async () => {
    const { run, command } = await startHeld('paused')
    const pausing = cli.start(['pause', run])
    await command.until(/run paused: somebody asked for it|step b completed/)
    gate.open()
    expect(await pausing.ended).toMatchObject({
      code: 0,
      out: `${run} paused\n`,
      err: `go on with: prsm resume ${run}\n`,
    })
    const followed = await command.ended
    expect([followed.code, followed.err]).toMatchObject([
      0,
      expect.stringContaining(`somebody paused it\n  prsm resume ${run}\n`),
    ])
    expect((await cli.run('resume', run)).code).toBe(0)
  })

  test('and a resumed run that another process has says whose turn it is', async () => {
    const { run, command } = await startHeld('shared')
    const resuming = cli.start(['resume', run])
    await resuming.until(/another process has this run; .* silent for 15\.0s\n/)
    gate.open()
    expect((await resuming.ended).code).toBe(0)
    expect((await command.ended).code).toBe(0)
    expect(count('/hold/shared')).toBe(1)
  })

  test('of a run in progress: it is cancelled, and who follows it hears of it', async () => {
    const { run, command } = await startHeld('cancelled')
    const { code, out } = await cli.run('cancel', run, '--reason', 'enough')
    expect([code, out]).toEqual([0, `${run} cancelled\n`])
    const followed = await command.ended
    expect([followed.code, followed.err]).toMatchObject([
      1,
      expect.stringMatching(/run is cancelled: enough[^]* cancelled after /),
    ])
  })

  test('of a run that nobody drives', async () => {
    const { run, command } = await startHeld('nobody')
    command.terminal.interrupt()
    await command.ended
    expect((await cli.json('cancel', run)).value).toEqual({
      id: run,
      name: 'nobody',
      status: 'cancelled',
    })
    expect(await statusOf(run)).toBe('cancelled')
  })

  test('of a run that was left and never begun', async () => {
    const file = await cli.write('idle.json', flow({ a: ask('/idle') }, { name: 'idle' }))
    const run = (await cli.run('run', file, '--detach')).out.trim()
    expect((await cli.run('pause', run)).code).toBe(0)
    expect(await statusOf(run)).toBe('paused')
    expect((await cli.run('resume', run)).code).toBe(0)
    expect(count('/idle')).toBe(1)
  })

  test('of a run that is resumed for others to go on with', async () => {
    const file = await cli.write('handed.json', flow({ a: ask('/handed') }, { name: 'handed' }))
    const run = (await cli.run('run', file, '--detach')).out.trim()
    await cli.run('pause', run)
    expect(await cli.run('resume', run, '--detach')).toMatchObject({
      code: 0,
      out: '',
      err: `asked to go on; watch it with: prsm logs ${run} --follow\n`,
    })
    const worker = cli.start(['worker', '--log-level', 'silent'])
    await expect.poll(() => statusOf(run)).toBe('completed')
    worker.terminal.interrupt()
    expect([(await worker.ended).code, count('/handed')]).toEqual([0, 1])
  })

  test('of a run that has ended is refused', async () => {
    const file = await cli.write('over.json', flow({ a: ask('/over') }, { name: 'over' }))
    await cli.run('run', file)
    for (const command of ['pause', 'cancel', 'resume']) {
      const { code, err } = await cli.run(command, 'last')
      expect([command, code, err]).toMatchObject([command, 3, expect.stringMatching(/completed/)])
    }
  })
})

describe('an approval', () => {
  const startAsking = async (name: string): Promise<string> => {
    const steps = {
      first: ask(`/${name}/first`),
      ask: { uses: 'approval', needs: 'first', with: { question: 'Send it?' } },
      send: { uses: 'transform', with: { value: '{% $steps.ask.output.comment %}' } },
    }
    const head = { name, output: '{% $steps.send.output %}' }
    const file = await cli.write(`${name}.json`, flow(steps, head))
    const { code, out, err } = await cli.run('run', file)
    expect([code, out]).toEqual([0, ''])
    const run = /(run_\w+) waits for somebody/.exec(err)?.[1] ?? ''
    expect(err).toContain(
      `step ask waits for an approval: Send it?\n  prsm approve ${run} ask\n  prsm reject ${run} ask\n`,
    )
    expect(err).toContain(
      `an answer is taken up by a server or worker, or by\n  prsm resume ${run}\n`,
    )
    return run
  }

  test('is waited for without a worker; once given, the run is resumed to its end', async () => {
    const run = await startAsking('approved')
    expect(await cli.run('approve', run, '--comment', 'go')).toMatchObject({
      code: 0,
      out: `sent to ${run}\n`,
    })
    const resumed = await cli.run('resume', run)
    expect([resumed.code, resumed.out]).toEqual([0, 'go\n'])
    expect(count('/approved/first')).toBe(1)
  })

  test('that is refused fails the run', async () => {
    const run = await startAsking('rejected')
    expect((await cli.json('reject', run, 'ask')).value).toMatchObject({ id: run })
    const resumed = await cli.run('resume', run)
    expect([resumed.code, resumed.out]).toEqual([1, ''])
    expect(resumed.err).toMatch(/step ask failed: [^\n]*reject[^]* failed after /)
    const shown = await cli.run('show', run)
    expect(shown.out).toMatch(/✖ error: .*ask.*reject/)
  })

  test('that nobody has given yet: resuming ends again, and says the same', async () => {
    const run = await startAsking('patient')
    const { code, value } = await cli.json('resume', run)
    expect(code).toBe(0)
    expect(value).toMatchObject({
      status: 'waiting',
      ending: 'waits',
      waitsFor: [{ step: 'ask', for: 'signal', question: 'Send it?' }],
      next: [`prsm approve ${run} ask`, `prsm reject ${run} ask`, `prsm resume ${run}`],
    })
  })

  test('of one item of several is given by its number', async () => {
    const steps = {
      ask: {
        uses: 'approval',
        forEach: ['a', 'b'],
        with: { question: '{% "Publish " & $item & "?" %}' },
      },
    }
    const file = await cli.write('items.json', flow(steps, { name: 'items' }))
    expect((await cli.run('run', file)).code).toBe(0)
    expect((await cli.run('approve', 'last', '--index', '0')).code).toBe(0)
    expect((await cli.json('resume', 'last')).value).toMatchObject({ status: 'waiting' })
    expect((await cli.run('approve', 'last', '--index', '1')).code).toBe(0)
    expect((await cli.json('resume', 'last')).value).toMatchObject({ status: 'completed' })
  })

  test('of a step that does not ask is refused', async () => {
    const run = await startAsking('strict')
    expect(await cli.run('approve', run, 'send')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/step "send" does not ask for approval\n {2}hint: .*: ask/),
    })
    await cli.run('cancel', run)
    expect(await cli.run('approve', run)).toMatchObject({
      code: 2,
      err: expect.stringContaining('asks for approval; it is cancelled'),
    })
  })
})

describe('a signal', () => {
  test.each([
    ['a text', ['--payload', 'paid'], 'paid'],
    ['JSON', ['--payload', '{"sum":3}'], { sum: 3 }],
    ['nothing', [], null],
  ])('with %s is what the step gives', async (_case, more, output) => {
    const steps = { pay: { uses: 'wait', with: { signal: 'paid' } } }
    const file = await cli.write('pay.json', flow(steps, { output: '{% $steps.pay.output %}' }))
    const { err } = await cli.run('run', file)
    expect(err).toMatch(
      /step pay waits for the signal "paid"\n {2}prsm signal run_\w+ paid --step pay\n/,
    )
    expect((await cli.run('signal', 'last', 'paid', ...more, '--step', 'pay')).code).toBe(0)
    expect((await cli.json('resume', 'last')).value).toMatchObject({ status: 'completed', output })
  })

  test('may come from a file, which has to be there', async () => {
    expect(await cli.run('signal', 'last', 'paid', '--payload', '@none.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.json cannot be read'),
    })
  })
})

describe('money', () => {
  const TEXT =
    'The river rose by two metres in May. Wetlands upstream held back a third of the flood. In June the level fell to where it had been.'
  const steps = (text: string): Record<string, Json> => ({
    a: { uses: 'model', with: { task: 'summarise', input: { text, maxSentences: 1 } } },
  })

  test('that a budget lacks pauses the run with the command that goes on', async () => {
    const file = await cli.write('dear.json', flow(steps(TEXT), { name: 'dear' }))
    const { code, err } = await cli.run('run', file, '--budget', '0.000001 FTNS')
    expect(code).toBe(3)
    const [, run = '', budget = ''] =
      /the next step may cost more than is left of 0\.000001 FTNS\n {2}prsm resume (run_\w+) --budget "([^"]+)"/.exec(
        err,
      ) ?? []
    expect(await statusOf(run)).toBe('paused')
    const resumed = await cli.run('resume', run, '--budget', budget)
    expect([resumed.code, resumed.err]).toMatchObject([0, expect.stringContaining(` of ${budget}`)])
  })

  test('that a tenant lacks refuses the run', async () => {
    const file = await cli.write('poor.json', flow(steps(TEXT), { name: 'poor' }))
    const poor = cli.start(['run', file, '--tenant', 'poor'], { env: { PRSM_WELCOME_GRANT: '0' } })
    const { code, err } = await poor.ended
    expect([code, err]).toMatchObject([3, expect.stringMatching(/✖ error: .*FTNS[^]*hint: /)])
  })
})

describe('a run that fails', () => {
  test('names step, error and hint, wherever it is looked at, and resumes from there', async () => {
    const steps = { a: ask('/good/a'), b: ask('/fail/b', { needs: 'a' }) }
    const file = await cli.write('failing.json', flow(steps, { name: 'failing' }))
    const { code, err } = await cli.run('run', file)
    expect(code).toBe(1)
    expect(err).toMatch(/step b failed: .*400/)
    expect(err).toMatch(/✖ error: .*400[^]* {2}code: http\.status\n/)
    const run = /prsm resume (run_\w+)/.exec(err)?.[1] ?? ''
    const shown = await cli.run('show', run)
    expect([shown.code, shown.out]).toMatchObject([
      0,
      expect.stringMatching(/✖ b [^]*✖ error: step b: .*400[^]*hint: [^]*prsm resume run_/),
    ])
    expect((await cli.json('show', run)).value).toMatchObject({
      status: 'failed',
      error: { code: 'http.status' },
      steps: [
        { name: 'a', status: 'completed' },
        { name: 'b', status: 'failed' },
      ],
      next: [`prsm resume ${run}`],
    })
    gate.mend()
    expect((await cli.run('resume', run)).code).toBe(0)
    expect(count('/good/a')).toBe(1)
  })
})
