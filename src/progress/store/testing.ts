import { describe, expect, test } from 'vitest'

import { toMicroFtns } from '../../kernel/money.ts'
import type { RunSummary, StepSummary } from '../metrics/summary.ts'
import type { Alert, Sla } from '../schema.ts'
import { alertId } from '../watch/alert-id.ts'
import type { Finding } from '../watch/judge.ts'

import type { ProgressStore, Recorded, SummaryRange } from './store.ts'

interface OpenRecord {
  readonly tenant: string
  readonly run: string
  readonly workflow: string
  readonly summary?: RunSummary
  readonly steps?: readonly StepSummary[]
}

/** A store in memory; for tests. */
export function createMemoryProgressStore(): ProgressStore {
  const positions = new Map<string, number>()
  const runs = new Map<string, OpenRecord>()
  const slas = new Map<string, { readonly tenant: string; readonly sla: Sla }>()
  const alerts = new Map<string, Alert & { readonly tenant: string }>()
  const byEnd = (tenant: string, workflow?: string): readonly OpenRecord[] =>
    [...runs.values()]
      .filter((each) => each.tenant === tenant && each.summary !== undefined)
      .filter((each) => workflow === undefined || each.workflow === workflow)
      .toSorted((a, b) => (b.summary?.endedAt ?? 0) - (a.summary?.endedAt ?? 0))
  const inRange = ({ tenant, workflow, since, until }: SummaryRange): readonly OpenRecord[] =>
    byEnd(tenant, workflow).filter(({ summary }) => {
      const endedAt = summary?.endedAt ?? -1
      return endedAt >= since && endedAt < until
    })
  const raise: ProgressStore['raise'] = async (tenant, findings, at) => {
    const before = alerts.size
    for (const { key, run, ...finding } of findings) {
      const id = alertId(tenant, key)
      const known = alerts.get(id)
      const kept = { ...finding, id, tenant, raisedAt: at, ...(run !== undefined && { run }) }
      alerts.set(id, known ?? kept)
    }
    return alerts.size - before
  }
  const settle = (ended: ReadonlySet<string>, at: number): void => {
    for (const [id, alert] of alerts) {
      const isSettled = alert.kind === 'sla.at-risk' || alert.kind === 'step.slow'
      if (!isSettled || !ended.has(alert.run ?? '') || alert.resolvedAt !== undefined) continue
      alerts.set(id, { ...alert, resolvedAt: at, resolvedBy: 'prsm' })
    }
  }
  return {
    position: async (tenant) => positions.get(tenant) ?? 0,
    async record({ tenant, from, to, opened, ended, findings, at }) {
      if ((positions.get(tenant) ?? 0) !== from) return false
      positions.set(tenant, to)
      for (const { run, workflow } of opened) {
        runs.set(run, { tenant, run, workflow: runs.get(run)?.workflow ?? workflow })
      }
      for (const { run, steps } of ended) {
        runs.set(run.run, { tenant, run: run.run, workflow: run.workflow, summary: run, steps })
      }
      settle(new Set(ended.map(({ run }) => run.run)), at)
      await raise(tenant, findings, at)
      return true
    },
    listRuns: async (range) =>
      inRange(range)
        .flatMap(({ summary }) => summary ?? [])
        .slice(0, range.limit),
    listSteps: async (range) =>
      inRange(range)
        .flatMap(({ steps = [] }) => steps)
        .slice(0, range.limit),
    listPast: async (tenant, workflow, limit) =>
      byEnd(tenant, workflow)
        .slice(0, limit)
        .flatMap(({ steps = [] }) => steps),
    listKind: async (tenant, uses, limit) =>
      byEnd(tenant)
        .flatMap(({ steps = [] }) => steps)
        .filter((step) => step.uses === uses)
        .flatMap(({ durations: d }) => d.toSorted((a, b) => a - b)[d.length >>> 1] ?? [])
        .slice(0, limit),
    listOpen: async (tenant, workflow, limit) =>
      [...runs.values()]
        .filter((each) => each.tenant === tenant && each.workflow === workflow)
        .filter(({ summary }) => summary === undefined)
        .map(({ run }) => run)
        .toSorted()
        .slice(0, limit),
    async setSla(tenant, sla) {
      slas.set(`${tenant} ${sla.workflow}`, { tenant, sla })
    },
    listSlas: async (tenant) =>
      [...slas.values()]
        .filter((each) => each.tenant === tenant)
        .map(({ sla }) => sla)
        .toSorted((a, b) => (a.workflow < b.workflow ? -1 : 1)),
    removeSla: async (tenant, workflow) => slas.delete(`${tenant} ${workflow}`),
    listWatched: async () =>
      [...new Set([...slas.values()].map(({ tenant }) => tenant))].toSorted(),
    raise,
    async listAlerts({ tenant, isOpen, before, limit }) {
      return [...alerts.values()]
        .filter((alert) => alert.tenant === tenant)
        .filter(({ resolvedAt }) => isOpen === undefined || (resolvedAt === undefined) === isOpen)
        .toSorted((a, b) => b.raisedAt - a.raisedAt || (a.id < b.id ? 1 : -1))
        .filter(
          ({ raisedAt, id }) =>
            before === undefined ||
            raisedAt < before.at ||
            (raisedAt === before.at && id < before.id),
        )
        .slice(0, limit)
        .map(({ tenant: _tenant, ...alert }) => alert)
    },
    async markAlert({ tenant, id, action, by, at }) {
      const alert = alerts.get(id)
      if (alert?.tenant !== tenant) return undefined
      const marked =
        action === 'acknowledge'
          ? {
              ...alert,
              acknowledgedAt: alert.acknowledgedAt ?? at,
              acknowledgedBy: alert.acknowledgedBy ?? by,
            }
          : { ...alert, resolvedAt: alert.resolvedAt ?? at, resolvedBy: alert.resolvedBy ?? by }
      alerts.set(id, marked)
      const { tenant: _tenant, ...shown } = marked
      return shown
    },
  }
}

const measured = {
  durations: [5, 7, 9],
  latencies: [1],
  completed: 1,
  failed: 0,
  cost: 9_007_199_254_740_993n,
  workMs: 10,
  unitMs: 12,
  coreMs: 3,
  inputTokens: 1,
  outputTokens: 2,
}

/** A finished run with one step; for tests. */
export function madeUpEnd(
  run: string,
  endedAt: number,
  more: Partial<RunSummary> = {},
): Recorded['ended'][number] {
  const summary: RunSummary = {
    ...measured,
    run,
    workflow: 'w',
    outcome: 'completed',
    createdAt: 1,
    startedAt: undefined,
    errorCode: undefined,
    endedAt,
    ...more,
  }
  const { workflow } = summary
  const step: StepSummary = {
    ...measured,
    run,
    workflow,
    endedAt,
    step: 's',
    uses: 'code',
    items: 3,
    coreMs: undefined,
  }
  return { run: summary, steps: [step] }
}

const finding = (key: string, run: string | undefined, kind: Finding['kind']): Finding => ({
  key,
  run,
  kind,
  severity: 'warning',
  workflow: 'w',
  message: key,
})

/** What every adapter of the store must do. Each call of `open` gives an empty store. */
export function describeProgressStore(name: string, open: () => Promise<ProgressStore>): void {
  const nothing = { tenant: 't', opened: [], ended: [], findings: [], at: 50 }
  const all = { tenant: 't', since: 0, until: 1_000, limit: 10 }

  describe(`store of progress: ${name}`, () => {
    test('records a part of the journal once, whoever comes second', async () => {
      const store = await open()
      const part = { ...nothing, from: 0, to: 7, ended: [madeUpEnd('run_a', 20)] }
      expect(await Promise.all([store.record(part), store.record(part)])).toEqual(
        expect.arrayContaining([true, false]),
      )
      expect(await store.position('t')).toBe(7)
      expect(await store.position('other')).toBe(0)
      expect(await store.record({ ...nothing, from: 3, to: 9 })).toBe(false)
      expect(await store.record({ ...nothing, from: 7, to: 9 })).toBe(true)
      expect(await store.listRuns(all)).toEqual([madeUpEnd('run_a', 20).run])
    })

    test('gives finished runs and steps of a period and a workflow, the latest first', async () => {
      const store = await open()
      const ended = [
        madeUpEnd('run_a', 20),
        madeUpEnd('run_b', 40, {
          workflow: 'v',
          errorCode: 'x.y',
          startedAt: 4,
          outcome: 'failed',
        }),
        madeUpEnd('run_c', 30),
      ]
      await store.record({ ...nothing, from: 0, to: 1, ended })
      const ids = async (more: Partial<SummaryRange>): Promise<readonly string[]> =>
        (await store.listRuns({ ...all, ...more })).map(({ run }) => run)
      expect(await ids({})).toEqual(['run_b', 'run_c', 'run_a'])
      expect(await ids({ workflow: 'w' })).toEqual(['run_c', 'run_a'])
      expect(await ids({ since: 30, until: 40 })).toEqual(['run_c'])
      expect(await ids({ limit: 1 })).toEqual(['run_b'])
      expect(await ids({ tenant: 'other' })).toEqual([])
      expect(await store.listSteps({ ...all, workflow: 'v' })).toEqual(ended[1]?.steps)
      expect(await store.listPast('t', 'w', 1)).toMatchObject([
        { step: 's', durations: [5, 7, 9], items: 3 },
      ])
      expect(await store.listKind('t', 'code', 2)).toEqual([7, 7])
      expect(await store.listKind('t', 'model', 2)).toEqual([])
    })

    test('knows which runs are open: begun and not ended, or begun again', async () => {
      const store = await open()
      const opened = ['run_b', 'run_a'].map((run) => ({ run, workflow: 'w', at: 5 }))
      await store.record({ ...nothing, from: 0, to: 1, opened })
      expect(await store.listOpen('t', 'w', 9)).toEqual(['run_a', 'run_b'])
      expect(await store.listOpen('t', 'w', 1)).toEqual(['run_a'])
      await store.record({ ...nothing, from: 1, to: 2, ended: [madeUpEnd('run_a', 20)] })
      expect(await store.listOpen('t', 'w', 9)).toEqual(['run_b'])
      const again = [{ run: 'run_a', workflow: '', at: 30 }]
      await store.record({ ...nothing, from: 2, to: 3, opened: again })
      expect(await store.listOpen('t', 'w', 9)).toEqual(['run_a', 'run_b'])
      expect(await store.listRuns(all)).toEqual([])
    })

    test('keeps one promise per workflow, and knows whose they are', async () => {
      const store = await open()
      const sla: Sla = {
        workflow: 'w',
        durationMs: 5,
        cost: toMicroFtns(7n),
        finishBy: { time: '06:00', zone: 'UTC' },
        setAt: 3,
      }
      await store.setSla('t', { workflow: 'w', successShare: 0.9, setAt: 1 })
      await store.setSla('t', sla)
      await store.setSla('t', { workflow: 'a', successShare: 0.9, setAt: 2 })
      expect(await store.listSlas('t')).toEqual([
        { workflow: 'a', successShare: 0.9, setAt: 2 },
        sla,
      ])
      expect(await store.listWatched()).toEqual(['t'])
      expect(await store.removeSla('t', 'w')).toBe(true)
      expect(await store.removeSla('t', 'w')).toBe(false)
      expect(await store.listSlas('other')).toEqual([])
    })

    test('raises what is found once, also across its resolution', async () => {
      const store = await open()
      const found = finding('k', 'run_a', 'sla.breached')
      expect(await store.raise('t', [found], 10)).toBe(1)
      expect(await store.raise('t', [found, finding('l', undefined, 'sla.share-broken')], 11)).toBe(
        1,
      )
      expect(await store.raise('other', [found], 12)).toBe(1)
      expect(await store.raise('t', [], 12)).toBe(0)
      const list = await store.listAlerts({ tenant: 't', limit: 9 })
      expect(list.map(({ message, raisedAt, run }) => [message, raisedAt, run])).toEqual([
        ['l', 11, undefined],
        ['k', 10, 'run_a'],
      ])
      const [first, second] = list
      expect(
        await store.listAlerts({
          tenant: 't',
          before: { at: first?.raisedAt ?? 0, id: first?.id ?? '' },
          limit: 9,
        }),
      ).toEqual([second])
      const mark = { tenant: 't', id: second?.id ?? '', by: 'ann', at: 20 }
      expect(await store.markAlert({ ...mark, action: 'acknowledge' })).toMatchObject({
        acknowledgedAt: 20,
        acknowledgedBy: 'ann',
      })
      await store.markAlert({ ...mark, action: 'resolve', at: 30 })
      expect(
        await store.markAlert({ ...mark, action: 'resolve', by: 'bob', at: 40 }),
      ).toMatchObject({
        acknowledgedAt: 20,
        resolvedAt: 30,
        resolvedBy: 'ann',
      })
      expect(await store.raise('t', [found], 50)).toBe(0)
      expect(await store.listAlerts({ tenant: 't', isOpen: true, limit: 9 })).toHaveLength(1)
      expect(await store.listAlerts({ tenant: 't', isOpen: false, limit: 9 })).toHaveLength(1)
      expect(await store.markAlert({ ...mark, tenant: 'x', action: 'resolve' })).toBeUndefined()
    })

    test('what was said of a run while it was open is settled by its end', async () => {
      const store = await open()
      const kinds = ['sla.at-risk', 'step.slow', 'sla.breached'] as const
      await store.raise(
        't',
        kinds.map((kind) => finding(kind, 'run_a', kind)),
        10,
      )
      await store.raise('t', [finding('other', 'run_b', 'sla.at-risk')], 10)
      const findings = [finding('late', 'run_a', 'sla.breached')]
      const ended = [madeUpEnd('run_a', 20)]
      await store.record({ ...nothing, from: 0, to: 1, ended, findings })
      const left = await store.listAlerts({ tenant: 't', isOpen: true, limit: 9 })
      expect(left.map(({ message }) => message).toSorted()).toEqual([
        'late',
        'other',
        'sla.breached',
      ])
      const settled = await store.listAlerts({ tenant: 't', isOpen: false, limit: 9 })
      expect(settled).toMatchObject([
        { resolvedBy: 'prsm', resolvedAt: 50 },
        { resolvedBy: 'prsm', resolvedAt: 50 },
      ])
    })
  })
}
