import { firePage, jsonSchema, schedulePage, scheduleVersionPage } from '../../api/schema.ts'
import {
  backfill,
  backfillRequest,
  createdSchedule,
  delivery,
  firesPreview,
  newSchedule,
  previewRequest,
  type Schedule,
  schedule,
  scheduleUpdate,
  triggerRequest,
} from '../../workflow/schedule/schema.ts'
import type { Call } from '../call.ts'
import type { HookMethods, ScheduleMethods } from '../contract/schedules.ts'
import { createListing } from '../listing.ts'
import { type Operation, OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode, lookWith } from './json-calls.ts'

type Steering = 'getSchedule' | 'deleteSchedule' | 'pauseSchedule' | 'resumeSchedule'
type Making = 'createSchedule' | 'updateSchedule' | 'triggerSchedule' | 'backfillSchedule'
type Looking = 'listSchedules' | 'listFires' | 'listScheduleVersions' | 'nextFires'

/** Methods of schedules. */
export function scheduleMethods(transport: Transport): ScheduleMethods {
  return {
    ...steering(transport),
    ...making(transport),
    ...looking(transport),
    previewSchedule: (request, options) =>
      transport.json(firesPreview, {
        operation: OPERATIONS.previewSchedule,
        body: () => encode(previewRequest, request),
        ...options,
      }),
    scheduleSchema: lookWith(transport)(jsonSchema, OPERATIONS.scheduleSchema),
  }
}

function steering(transport: Transport): Pick<ScheduleMethods, Steering> {
  const steer = (operation: Operation, id: string, more?: Partial<Call>): Promise<Schedule> =>
    transport.json(schedule, { operation, params: { id }, ...more })
  return {
    getSchedule: (id, options) => steer(OPERATIONS.getSchedule, id, options),
    deleteSchedule: (id, options) => steer(OPERATIONS.deleteSchedule, id, options),
    pauseSchedule: (id, options) => steer(OPERATIONS.pauseSchedule, id, options),
    resumeSchedule: (id, options) => steer(OPERATIONS.resumeSchedule, id, options),
  }
}

function making(transport: Transport): Pick<ScheduleMethods, Making> {
  return {
    createSchedule: (request, options) =>
      transport.json(createdSchedule, {
        operation: OPERATIONS.createSchedule,
        body: () => encode(newSchedule, request),
        ...options,
      }),
    updateSchedule: (id, request, options) =>
      transport.json(createdSchedule, {
        operation: OPERATIONS.updateSchedule,
        params: { id },
        body: () => encode(scheduleUpdate, request),
        ...options,
      }),
    async triggerSchedule(id, request = {}, options = {}) {
      const page = await transport.json(firePage, {
        operation: OPERATIONS.triggerSchedule,
        params: { id },
        body: () => encode(triggerRequest, request),
        ...options,
      })
      return page.items
    },
    backfillSchedule: (id, request, options) =>
      transport.json(backfill, {
        operation: OPERATIONS.backfillSchedule,
        params: { id },
        body: () => encode(backfillRequest, request),
        ...options,
      }),
  }
}

function looking(transport: Transport): Pick<ScheduleMethods, Looking> {
  return {
    listSchedules: ({ signal, ...query } = {}) =>
      createListing(transport, {
        schema: schedulePage,
        call: { operation: OPERATIONS.listSchedules, query, signal },
        cursorName: 'cursor',
      }),
    listFires: (id, { signal, ...query } = {}) =>
      createListing(transport, {
        schema: firePage,
        call: { operation: OPERATIONS.listFires, params: { id }, query, signal },
        cursorName: 'cursor',
      }),
    async listScheduleVersions(id, options) {
      const page = await transport.json(scheduleVersionPage, {
        operation: OPERATIONS.listScheduleVersions,
        params: { id },
        ...options,
      })
      return page.items
    },
    nextFires: (id, { signal, ...query } = {}) =>
      transport.json(firesPreview, {
        operation: OPERATIONS.nextFires,
        params: { id },
        query,
        signal,
      }),
  }
}

/** Methods by which other programs fire schedules. */
export function hookMethods(transport: Transport): HookMethods {
  return {
    deliver: (id, secret, { id: named, body, signal }) =>
      transport.json(delivery, {
        operation: OPERATIONS.deliver,
        params: { id, secret },
        headers: { 'webhook-id': named },
        body: () => JSON.stringify(body),
        signal,
      }),
    deliverSigned: (id, { id: named, text, timestamp, signature, signal }) =>
      transport.json(delivery, {
        operation: OPERATIONS.deliverSigned,
        params: { id },
        headers: {
          'webhook-id': named,
          'webhook-timestamp': timestamp,
          'webhook-signature': signature,
        },
        body: () => text,
        signal,
      }),
  }
}
