import {
  cancelRequest,
  jsonSchema,
  resumeRequest,
  runPage,
  runRequest,
  signalRequest,
} from '../../api/schema.ts'
import { type RunRecord, runRecord } from '../../workflow/schema.ts'
import type { Call } from '../call.ts'
import type { RunMethods } from '../contract/runs.ts'
import { createListing } from '../listing.ts'
import { type Operation, OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode } from './json-calls.ts'

/** Methods that begin, show and steer runs. */
export function runMethods(transport: Transport): RunMethods {
  const steer = (operation: Operation, id: string, more: Partial<Call>): Promise<RunRecord> =>
    transport.json(runRecord, { operation, params: { id }, ...more })
  return {
    createRun: (request, options) =>
      transport.json(runRecord, {
        operation: OPERATIONS.createRun,
        body: () => encode(runRequest, request),
        ...options,
      }),
    listRuns: ({ signal, ...query } = {}) =>
      createListing(transport, {
        schema: runPage,
        call: { operation: OPERATIONS.listRuns, query, signal },
        cursorName: 'cursor',
      }),
    getRun: (id, options) => steer(OPERATIONS.getRun, id, { ...options }),
    getDefinition: (id, options) =>
      transport.json(jsonSchema, {
        operation: OPERATIONS.getDefinition,
        params: { id },
        ...options,
      }),
    cancel: (id, request = {}, options = {}) =>
      steer(OPERATIONS.cancel, id, { body: () => encode(cancelRequest, request), ...options }),
    pause: (id, options) => steer(OPERATIONS.pause, id, { ...options }),
    resume: (id, request = {}, options = {}) =>
      steer(OPERATIONS.resume, id, { body: () => encode(resumeRequest, request), ...options }),
    signal: (id, request, options) =>
      steer(OPERATIONS.signal, id, { body: () => encode(signalRequest, request), ...options }),
  }
}
