import {
  breakerList,
  breakerResetRequest,
  drainRequest,
  limitList,
  limitRequest,
  poolList,
  queueList,
  shareList,
  shareRequest,
  workerList,
} from '../../api/schema.ts'
import { queueLoad, workerRecord } from '../../workflow/queue/schema.ts'
import type { QueueMethods } from '../contract/queue.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode } from './json-calls.ts'

/** Methods of the queue and of workers. */
export function queueMethods(transport: Transport): QueueMethods {
  return {
    async listQueue({ signal, ...query } = {}) {
      const call = { operation: OPERATIONS.listQueue, query, ...(signal && { signal }) }
      return (await transport.json(queueList, call)).items
    },
    async listPools(options) {
      const call = { operation: OPERATIONS.listPools, ...options }
      return (await transport.json(poolList, call)).items
    },
    queueLoad: (options) =>
      transport.json(queueLoad, { operation: OPERATIONS.queueLoad, ...options }),
    async listLimits(options) {
      const call = { operation: OPERATIONS.listLimits, ...options }
      return (await transport.json(limitList, call)).items
    },
    async setLimit(request, options) {
      const body = (): string => encode(limitRequest, request)
      const call = { operation: OPERATIONS.setLimit, body, ...options }
      return (await transport.json(limitList, call)).items
    },
    async listShares(options) {
      const call = { operation: OPERATIONS.listShares, ...options }
      return (await transport.json(shareList, call)).items
    },
    async setShare(request, options) {
      const body = (): string => encode(shareRequest, request)
      const call = { operation: OPERATIONS.setShare, body, ...options }
      return (await transport.json(shareList, call)).items
    },
    async listWorkers(options) {
      const call = { operation: OPERATIONS.listWorkers, ...options }
      return (await transport.json(workerList, call)).items
    },
    drainWorker: (id, draining, options) =>
      transport.json(workerRecord, {
        operation: OPERATIONS.drainWorker,
        params: { id },
        body: () => encode(drainRequest, { draining }),
        ...options,
      }),
    async listBreakers(options) {
      const call = { operation: OPERATIONS.listBreakers, ...options }
      return (await transport.json(breakerList, call)).items
    },
    async resetBreaker(dependency, options) {
      const body = (): string => encode(breakerResetRequest, { dependency })
      const call = { operation: OPERATIONS.resetBreaker, body, ...options }
      return (await transport.json(breakerList, call)).items
    },
  }
}
