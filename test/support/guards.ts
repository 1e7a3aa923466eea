import { type Breakers, circuitSettings } from '../../src/kernel/breakers.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { createSeededRandom } from '../../src/kernel/random.ts'
import { noTelemetry } from '../../src/kernel/telemetry.ts'
import { createPolicyGuards } from '../../src/models/index.ts'
import { createBreakers } from '../../src/platform/breakers/breakers.ts'
import { systemClock } from '../../src/platform/clock.ts'

/** Breakers of a process of its own, with the settings there are without any. */
export function realBreakers(clock = systemClock): Breakers {
  const settings = circuitSettings.parse({})
  return createBreakers({ settings, clock, log: silentLog, telemetry: noTelemetry })
}

/** The guards of models as in a process of its own. */
export function realGuards(clock = systemClock): ReturnType<typeof createPolicyGuards> {
  return createPolicyGuards({
    breakers: realBreakers(clock),
    clock,
    random: createSeededRandom(1),
  })
}
