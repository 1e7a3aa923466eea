import {
  incidentPage,
  incidentResolution,
  resolutionRequest,
  rollbackRequest,
} from '../../api/schema.ts'
import { incident, rollbackPlan } from '../../workflow/rollback/schema.ts'
import { runRecord } from '../../workflow/schema.ts'
import type { RollbackMethods } from '../contract/rollback.ts'
import { createListing } from '../listing.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode } from './json-calls.ts'

/** Methods of rollbacks and incidents. */
export function rollbackMethods(transport: Transport): RollbackMethods {
  return {
    planRollback: (id, { to, ...options } = {}) =>
      transport.json(rollbackPlan, {
        operation: OPERATIONS.planRollback,
        params: { id },
        query: { ...(to !== undefined && { to }) },
        ...options,
      }),
    rollBack: (id, request = {}, options = {}) =>
      transport.json(runRecord, {
        operation: OPERATIONS.rollBack,
        params: { id },
        body: () => encode(rollbackRequest, request),
        ...options,
      }),
    resolve: (id, request, options) =>
      transport.json(runRecord, {
        operation: OPERATIONS.resolve,
        params: { id },
        body: () => encode(resolutionRequest, request),
        ...options,
      }),
    listIncidents: ({ signal, ...query } = {}) =>
      createListing(transport, {
        schema: incidentPage,
        call: { operation: OPERATIONS.listIncidents, query, signal },
        cursorName: 'cursor',
      }),
    getIncident: (id, options) =>
      transport.json(incident, { operation: OPERATIONS.getIncident, params: { id }, ...options }),
    closeIncident: (id, request = {}, options = {}) =>
      transport.json(incident, {
        operation: OPERATIONS.closeIncident,
        params: { id },
        body: () => encode(incidentResolution, request),
        ...options,
      }),
  }
}
