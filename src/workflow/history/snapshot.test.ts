import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'

import type { Json } from '../../kernel/json.ts'
import { checkDefinition } from '../definition/check.ts'
import { createRunState } from '../machine/state.ts'
import { FLOW_KINDS } from '../steps/flow-kinds.ts'

import { isSnapshotDue } from './snapshot-policy.ts'
import { restoreSnapshot, takeSnapshot } from './snapshot.ts'

const checked = checkDefinition(
  {
    value: {
      apiVersion: 'prsm/v1',
      name: 'x',
      steps: { a: { uses: 'transform', with: { value: 1 } } },
    },
    file: undefined,
    place: () => undefined,
  },
  new Map(FLOW_KINDS.map((kind) => [kind.name, kind])),
)
if (!checked.ok) throw new Error('the definition is broken')
const workflow = checked.value

describe('a snapshot', () => {
  test.prop([fc.jsonValue()])('keeps any value, its order of members included', (value) => {
    const state = createRunState(workflow)
    state.output = value as Json
    const restored = restoreSnapshot(workflow, takeSnapshot(state))
    expect(JSON.stringify(restored?.output)).toBe(JSON.stringify(value))
  })

  test.each<Json>([
    { $map: [['a', 1]] },
    { $big: '1' },
    { $none: 0 },
    { $plain: [] },
    { $artifact: 'sha256:0' },
    [{ $plain: [['$big', '2']] }],
  ])('takes no value for a mark of its own: %j', (value) => {
    const state = createRunState(workflow)
    state.inputs = { value }
    expect(restoreSnapshot(workflow, takeSnapshot(state))?.inputs).toEqual({ value })
  })

  test('that was changed, or belongs to another definition, is not taken', () => {
    const snapshot = takeSnapshot(createRunState(workflow))
    const text = snapshot.text.replace('"created"', '"running"')
    expect(restoreSnapshot(workflow, { ...snapshot, text })).toBeUndefined()
    const older = snapshot.text.replace(/"format":\d+/, '"format":1')
    expect(older).not.toBe(snapshot.text)
    expect(restoreSnapshot(workflow, { ...snapshot, text: older })).toBeUndefined()
    expect(restoreSnapshot(workflow, { ...snapshot, definition: 'sha256:1' })).toBeUndefined()
  })
})

test.prop([fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 4_000 })])(
  'what snapshots write grows with the history, however large the state grows',
  (every, bytesPerEvent) => {
    let last = { version: 0, bytes: 0 }
    let written = 0
    for (let version = 1; version <= 20_000; version++) {
      if (!isSnapshotDue(last, version, every)) continue
      const bytes = version * bytesPerEvent
      expect(version - last.version).toBeGreaterThanOrEqual(every)
      written += last.bytes
      last = { version, bytes }
    }
    expect(written).toBeLessThanOrEqual(20_000 * 256)
  },
)
