import type { Breakers } from '../kernel/breakers.ts'
import { createBreakers } from '../platform/breakers/breakers.ts'

import type { Config } from './config.ts'
import type { Surroundings } from './surroundings.ts'

/** Opens the circuit breakers that all calls of this process share. */
export function openBreakers(settings: Config, { clock, log, telemetry }: Surroundings): Breakers {
  return createBreakers({
    settings: {
      windowMs: settings.breakerWindowMs,
      leastCalls: settings.breakerLeastCalls,
      faultShare: settings.breakerFaultShare,
      openMs: settings.breakerOpenMs,
      trials: settings.breakerTrials,
    },
    clock,
    log,
    telemetry,
  })
}
