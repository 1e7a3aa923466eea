import { alertPage, jsonSchema, slaPage } from '../../api/schema.ts'
import {
  alert,
  type Alert,
  bottlenecks,
  newSla,
  runProgress,
  sla,
  slaReport,
  stats,
  timeline,
} from '../../progress/schema.ts'
import type { EffectOptions } from '../contract/options.ts'
import type { ProgressMethods, PromiseMethods } from '../contract/progress.ts'
import { createListing } from '../listing.ts'
import { type Operation, OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode } from './json-calls.ts'

/** Methods of what the journal tells of runs. */
export function progressMethods(transport: Transport): ProgressMethods {
  return {
    progress: (id, options) =>
      transport.json(runProgress, {
        operation: OPERATIONS.progress,
        params: { id },
        ...options,
      }),
    timeline: (id, options) =>
      transport.json(timeline, { operation: OPERATIONS.timeline, params: { id }, ...options }),
    bottlenecks: (id, options) =>
      transport.json(bottlenecks, {
        operation: OPERATIONS.bottlenecks,
        params: { id },
        ...options,
      }),
    trace: (id, format, options) =>
      transport.json(jsonSchema, {
        operation: OPERATIONS.trace,
        params: { id },
        query: { format },
        ...options,
      }),
    stats: ({ signal, ...query } = {}) =>
      transport.json(stats, { operation: OPERATIONS.stats, query, signal }),
  }
}

/** Methods of promises and alerts. */
export function promiseMethods(transport: Transport): PromiseMethods {
  const mark = (operation: Operation, id: string, options?: EffectOptions): Promise<Alert> =>
    transport.json(alert, { operation, params: { id }, ...options })
  return {
    setSla: (request, options) =>
      transport.json(sla, {
        operation: OPERATIONS.setSla,
        body: () => encode(newSla, request),
        ...options,
      }),
    listSlas: async (options) =>
      (await transport.json(slaPage, { operation: OPERATIONS.listSlas, ...options })).items,
    removeSla: async (workflow, options) => {
      const call = { operation: OPERATIONS.removeSla, params: { workflow }, ...options }
      return (await transport.json(slaPage, call)).items
    },
    slaReport: ({ signal, ...query } = {}) =>
      transport.json(slaReport, { operation: OPERATIONS.slaReport, query, signal }),
    listAlerts: ({ signal, open, ...rest } = {}) =>
      createListing(transport, {
        schema: alertPage,
        call: {
          operation: OPERATIONS.listAlerts,
          query: { ...rest, ...(open !== undefined && { open: open.toString() }) },
          signal,
        },
        cursorName: 'cursor',
      }),
    acknowledgeAlert: (id, options) => mark(OPERATIONS.acknowledgeAlert, id, options),
    resolveAlert: (id, options) => mark(OPERATIONS.resolveAlert, id, options),
  }
}
