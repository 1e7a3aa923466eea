import {
  explanation,
  forkPlan,
  forkRequest,
  moment,
  redrivePage,
  redriveRequest,
  upgradeCheckRequest,
  upgradePage,
  upgradeRequest,
  verification,
} from '../../workflow/history/schema.ts'
import { runRecord } from '../../workflow/schema.ts'
import type { HistoryMethods } from '../contract/history.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode } from './json-calls.ts'

/** Methods of what was: looking back, going on from there, and why a run stands still. */
export function historyMethods(transport: Transport): HistoryMethods {
  return {
    getMoment: (id, place, options) =>
      transport.json(moment, {
        operation: OPERATIONS.getMoment,
        params: { id, place },
        ...options,
      }),
    verifyRun: (id, options) =>
      transport.json(verification, { operation: OPERATIONS.verifyRun, params: { id }, ...options }),
    explainRun: (id, options) =>
      transport.json(explanation, { operation: OPERATIONS.explainRun, params: { id }, ...options }),
    planFork: (id, request, options) =>
      transport.json(forkPlan, {
        operation: OPERATIONS.planFork,
        params: { id },
        body: () => encode(forkRequest, request),
        ...options,
      }),
    forkRun: (id, request, options) =>
      transport.json(runRecord, {
        operation: OPERATIONS.forkRun,
        params: { id },
        body: () => encode(forkRequest, request),
        ...options,
      }),
    checkUpgrades: (request, options) =>
      transport.json(upgradePage, {
        operation: OPERATIONS.checkUpgrades,
        body: () => encode(upgradeCheckRequest, request),
        ...options,
      }),
    upgradeRun: (id, request, options) =>
      transport.json(runRecord, {
        operation: OPERATIONS.upgradeRun,
        params: { id },
        body: () => encode(upgradeRequest, request),
        ...options,
      }),
    redrive: (request = {}, options = {}) =>
      transport.json(redrivePage, {
        operation: OPERATIONS.redrive,
        body: () => encode(redriveRequest, request),
        ...options,
      }),
  }
}
