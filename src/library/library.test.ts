import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import { isJsonObject, type Json, type JsonObject } from '../kernel/json.ts'
import type { RunState } from '../workflow/index.ts'

import { diffDefinitions } from './diff.ts'
import { InvalidReferenceError, QuotaExceededError } from './errors.ts'
import { modulesIn } from './modules.ts'
import { checkQuota } from './quotas.ts'
import { parseReference } from './reference.ts'
import { decidePrune } from './retention.ts'
import {
  type FieldChange,
  type LibraryAction,
  type SharingLevel,
  sharingLevel,
  workflowStatus,
} from './schema.ts'
import { grantsOf, type Relation, relationOf } from './sharing.ts'
import { type RunCount, statusOf } from './status.ts'

const small = fc.oneof(
  fc.nat(2),
  fc.array(fc.nat(2), { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(1)),
)
const step = fc.record(
  {
    uses: fc.constantFrom('transform', 'http'),
    with: fc.dictionary(fc.constantFrom('a', 'b'), small),
    needs: fc.array(fc.constantFrom('one', 'two')),
  },
  { requiredKeys: ['uses'] },
)
const definition = fc
  .record(
    {
      name: fc.constantFrom('x', 'y'),
      budget: fc.constantFrom('1 FTNS', '2 FTNS'),
      steps: fc.dictionary(fc.constantFrom('one', 'two', 'three'), step),
    },
    { requiredKeys: ['name', 'steps'] },
  )
  .map((value): JsonObject => JSON.parse(JSON.stringify(value)))

/** The definition with what a diff says done to it. */
function apply(before: JsonObject, after: JsonObject): JsonObject {
  const { head, steps } = diffDefinitions(before, after)
  const { steps: old, ...rest } = before
  const changed: Record<string, Json> = isJsonObject(old) ? { ...old } : {}
  for (const { step: name, change, fields } of steps) {
    if (change === 'removed') delete changed[name]
    else {
      const from = changed[name]
      changed[name] = setAll(isJsonObject(from) ? from : {}, fields)
    }
  }
  return { ...setAll(rest, head), steps: changed }
}

function setAll(value: JsonObject, fields: readonly FieldChange[]): JsonObject {
  return fields.reduce<JsonObject>(set, value)
}

function set(value: JsonObject, { path, after }: FieldChange): JsonObject {
  const [name = '', ...rest] = path.split('.')
  const { [name]: member, ...others } = value
  if (rest.length === 0) return after === undefined ? others : { ...others, [name]: after }
  const inner = set(isJsonObject(member) ? member : {}, {
    path: rest.join('.'),
    ...(after !== undefined && { after }),
  })
  return { ...others, [name]: inner }
}

describe('a diff', () => {
  test.prop([definition])('of a definition with itself is empty', (value) => {
    expect(diffDefinitions(value, value)).toEqual({ isEqual: true, head: [], steps: [], text: [] })
  })

  test.prop([definition, definition])('says all there is to do to get the other one', (a, b) => {
    expect(diffDefinitions(apply(a, b), b).isEqual).toBe(true)
    expect(diffDefinitions(a, b).isEqual).toBe(diffDefinitions(b, a).isEqual)
  })

  test('quotes names that would be taken for paths', () => {
    const after = { 'a.b': { c: 1 }, a: { b: 1 } }
    expect(diffDefinitions({ 'a.b': {}, a: {} }, after).text).toEqual(['+ a.b: 1', '+ "a.b".c: 1'])
  })

  test('reads like a list of changes', () => {
    const before = { name: 'x', steps: { a: { uses: 't', with: { v: 1 } }, b: { uses: 't' } } }
    const after = {
      name: 'x',
      budget: '1 FTNS',
      steps: { a: { uses: 't', with: { v: 2 } }, c: { uses: 't', needs: ['a'] } },
    }
    expect(diffDefinitions(before, after).text).toEqual([
      '+ budget: "1 FTNS"',
      '~ step a',
      '    ~ with.v: 1 → 2',
      '- step b',
      '    - uses: "t"',
      '+ step c',
      '    + needs: ["a"]',
      '    + uses: "t"',
    ])
  })
})

describe('a status', () => {
  const run = (state: RunState, newest = 'run_1'): RunCount => ({ state, count: 1, newest })
  const fold = (...runs: readonly RunCount[]): string =>
    statusOf({ isArchived: false, isDraft: false, runs })

  test.each<[string, string]>([
    [statusOf({ isArchived: true, isDraft: true, runs: [run('running')] }), 'archived'],
    [statusOf({ isArchived: false, isDraft: true, runs: [run('running')] }), 'draft'],
    [fold(), 'saved'],
    [fold(run('cancelled')), 'saved'],
    [fold(run('queued'), run('waiting')), 'active'],
    [fold(run('compensating')), 'active'],
    [fold(run('cancelling')), 'active'],
    [fold(run('waiting'), run('paused')), 'checkpointed'],
    [fold(run('paused'), run('failed', 'run_9')), 'paused'],
    [fold(run('completed', 'run_1'), run('failed', 'run_2')), 'failed'],
    [
      fold(run('completed', 'run_3'), run('failed', 'run_2'), run('cancelled', 'run_4')),
      'completed',
    ],
  ])('%s is %s', (found, expected) => {
    expect(found).toBe(expected)
    expect(workflowStatus.options).toContain(found)
  })
})

describe('sharing', () => {
  const relations: readonly Relation[] = ['owner', 'colleague', 'invited', 'buyer', 'stranger']
  const own = ['see', 'read', 'run', 'fork', 'edit', 'share', 'delete']
  const expected: Record<SharingLevel, Record<Relation, readonly string[]>> = {
    private: { owner: own, colleague: [], invited: [], buyer: [], stranger: [] },
    shared_read: {
      owner: own,
      colleague: ['see', 'read'],
      invited: ['see', 'read'],
      buyer: [],
      stranger: [],
    },
    shared_execute: {
      owner: own,
      colleague: ['see', 'run'],
      invited: ['see', 'run'],
      buyer: [],
      stranger: [],
    },
    public_read: {
      owner: own,
      colleague: ['see', 'read'],
      invited: ['see', 'read'],
      buyer: ['see', 'read'],
      stranger: ['see', 'read'],
    },
    public_template: {
      owner: own,
      colleague: ['see', 'read', 'fork'],
      invited: ['see', 'read', 'fork'],
      buyer: ['see', 'read', 'fork'],
      stranger: ['see', 'read', 'fork'],
    },
    marketplace: {
      owner: own,
      colleague: ['see', 'read', 'run', 'fork'],
      invited: ['see', 'buy'],
      buyer: ['see', 'read', 'run', 'fork'],
      stranger: ['see', 'buy'],
    },
  }

  test.each(sharingLevel.options.flatMap((level) => relations.map((who) => [level, who] as const)))(
    '%s grants to the %s what its name says',
    (level, who) => {
      expect(grantsOf(level, who)).toEqual(expected[level][who])
    },
  )

  test.prop([fc.constantFrom(...sharingLevel.options), fc.constantFrom(...relations)])(
    'nobody but the owner changes anything, and nothing is done unseen',
    (level, who) => {
      const granted = grantsOf(level, who)
      const changes = new Set<LibraryAction>(['edit', 'share', 'delete'])
      if (who !== 'owner') expect(granted.filter((each) => changes.has(each))).toEqual([])
      if (granted.length > 0) expect(granted).toContain('see')
    },
  )

  test('an administrator of the tenant acts as the owner, one of another tenant does not', () => {
    const shared = {
      tenant: 'acme',
      owner: 'key_1',
      level: 'shared_read' as const,
      sharedWith: ['guest'],
    }
    const as = (tenant: string, id: string, isAdmin = false, hasBought = false): Relation =>
      relationOf({ tenant, id, isAdmin }, shared, hasBought)
    expect(as('acme', 'key_1')).toBe('owner')
    expect(as('acme', 'key_2')).toBe('colleague')
    expect(as('acme', 'key_2', true)).toBe('owner')
    expect(as('guest', 'key_1', true)).toBe('invited')
    expect(as('other', 'key_1', true)).toBe('stranger')
    expect(as('other', 'key_1', false, true)).toBe('buyer')
  })
})

describe('a reference', () => {
  test.each([
    ['digest', { name: 'digest' }],
    ['digest@3', { name: 'digest', version: '3' }],
    ['acme/digest@prod', { tenant: 'acme', name: 'digest', version: 'prod' }],
  ])('%s', (text, expected) => expect(parseReference(text)).toEqual(expected))

  test.each(['', 'Digest', 'digest@', 'a/b/c', 'digest.yaml', '@prod', '-x', 'x@Prod'])(
    '"%s" is none',
    (text) => expect(() => parseReference(text)).toThrow(InvalidReferenceError),
  )
})

describe('retention', () => {
  const versions = fc.array(
    fc.record({ at: fc.nat(1_000), isTagged: fc.boolean(), runs: fc.nat(2) }),
    { minLength: 1, maxLength: 12 },
  )
  const policy = fc.record(
    { keep: fc.integer({ min: 1, max: 6 }), olderThanMs: fc.nat(1_000) },
    { requiredKeys: [] },
  )

  test.prop([versions, policy])(
    'never takes the newest, the tagged, the pinned or the young',
    (found, given) => {
      const all = found.map((each, index) => ({ ...each, version: index + 1 }))
      const removed = decidePrune(all, given, 1_000)
      for (const { version, at, isTagged, runs } of all) {
        if (!removed.includes(version)) continue
        expect([isTagged, runs, version === all.length]).toEqual([false, 0, false])
        expect(1_000 - at).toBeGreaterThanOrEqual(given.olderThanMs ?? 0)
        expect(version).toBeLessThanOrEqual(all.length - (given.keep ?? 1))
      }
    },
  )

  test('takes everything else', () => {
    const plain = [1, 2, 3, 4].map((version) => ({ version, at: 0, isTagged: false, runs: 0 }))
    expect(decidePrune(plain, { keep: 2 }, 9)).toEqual([2, 1])
    expect(decidePrune(plain, { olderThanMs: 10 }, 9)).toEqual([])
    expect(decidePrune(plain, { olderThanMs: 9 }, 9)).toEqual([3, 2, 1])
  })
})

describe('quotas', () => {
  const limits = { maxWorkflows: 2, maxVersions: 3, maxBytes: 100 }

  test.each([
    ['workflows', { workflows: 2, versions: 0, sizeBytes: 0 }],
    ['versions', { workflows: 0, versions: 3, sizeBytes: 0 }],
    ['bytes', { workflows: 0, versions: 0, sizeBytes: 91 }],
  ])('refuse more %s than a tenant may keep, by name', (resource, kept) => {
    const refused = (): void =>
      checkQuota(kept, { workflows: 1, versions: 1, sizeBytes: 10 }, limits)
    expect(refused).toThrow(QuotaExceededError)
    expect(refused).toThrow(expect.objectContaining({ resource }))
  })

  test('do not stand in the way of a version when only workflows are at their limit', () => {
    const kept = { workflows: 9, versions: 2, sizeBytes: 90 }
    checkQuota(kept, { workflows: 0, versions: 1, sizeBytes: 10 }, limits)
  })
})

test('code modules are found in steps, in what undoes them, and in workflows in place', () => {
  const code = (module: string): JsonObject => ({ uses: 'code', with: { module, digest: module } })
  const nested = { steps: { in: code('c') } }
  const found = modulesIn({
    steps: {
      a: { ...code('a'), compensate: code('b') },
      w: { uses: 'workflow', with: { definition: nested } },
      t: { uses: 'transform', with: { module: 'no' } },
    },
  })
  expect(found.map(({ step: name, module }) => [name, module])).toEqual([
    ['a', 'a'],
    ['a', 'b'],
    ['w.in', 'c'],
  ])
})
