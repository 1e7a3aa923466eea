import { expect, test, vi } from 'vitest'

import { silentLog } from '../../kernel/log.ts'
import { createManualClock } from '../../kernel/testing.ts'

import { createScheduler } from './scheduler.ts'
import type { Starter } from './starter.ts'
import type { ScheduleStore } from './store.ts'

test('whoever asks for a look while one is under way gets one that began after that', async () => {
  const clock = createManualClock(1_000)
  const seen: number[] = []
  let goOn = (): void => undefined
  const store: Partial<ScheduleStore> = {
    async claimDue({ now }) {
      seen.push(now)
      await new Promise<void>((resolve) => (goOn = resolve))
      return []
    },
    claimStarting: async () => [],
  }
  const scheduler = createScheduler({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no more than this is called
    store: store as ScheduleStore,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- there is nothing to begin
    starter: {} as Starter,
    clock,
    log: silentLog,
  })
  const first = scheduler.look()
  clock.advance(500)
  const [second, third] = [scheduler.look(), scheduler.look()]
  goOn()
  await first
  await vi.waitUntil(() => seen.length === 2)
  goOn()
  await Promise.all([second, third])
  expect(seen).toEqual([1_000, 1_500])
})
