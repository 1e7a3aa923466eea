import type { Json } from '../../kernel/json.ts'
import { MissingSecretError } from '../errors.ts'

import { changeState, ended } from './change.ts'
import type { SchedulesDeps } from './deps.ts'
import { ReplayedDeliveryError, ScheduleStateError, UnverifiedDeliveryError } from './errors.ts'
import { deliveryKey } from './fire-id.ts'
import type { Delivery } from './schema.ts'
import type { ScheduleState } from './state.ts'
import { boundsOf } from './times.ts'
import { takeOccasion } from './turn.ts'
import { type DeliveryHeaders, verifyPath, verifySignature } from './webhook.ts'

/** A delivery as it came. */
export interface HookRequest {
  readonly schedule: string
  /** What stands behind the id in the path. */
  readonly secret: string | undefined
  readonly headers: DeliveryHeaders
  /** The text that was signed. */
  readonly text: string
  readonly body: Json
}

const MAX_DELIVERY_ID = 200

/** Fires a schedule for a delivery; see `Schedules.deliver`. */
export async function acceptDelivery(deps: SchedulesDeps, request: HookRequest): Promise<Delivery> {
  const { store, clock } = deps
  const load = async (): Promise<ScheduleState> => {
    const state = await store.findById(request.schedule)
    if (state === undefined) throw new UnverifiedDeliveryError('there is no such webhook')
    return state
  }
  const state = await load()
  const id = verify(deps, state, request)
  const key = deliveryKey(id)
  await changeState(deps, load, async (turn) => {
    const [earlier] = await store.findFires(state.id, [key])
    if (earlier !== undefined) throw new ReplayedDeliveryError(earlier.run)
    checkOpen(turn.state, clock.now())
    const data = { body: request.body, delivery: id }
    const occasion = { key, cause: 'webhook', scheduledAt: turn.now, data } as const
    if (takeOccasion(turn, occasion) === undefined) throw ended(turn.state.name)
  })
  const [fire] = await store.findFires(state.id, [key])
  if (fire === undefined) throw new UnverifiedDeliveryError('there is no such webhook')
  return { run: fire.run, status: fire.status }
}

/** @returns the id of the delivery. */
function verify(
  { secrets, clock }: SchedulesDeps,
  { spec, hookHash, status }: ScheduleState,
  { secret, headers, text }: HookRequest,
): string {
  const { trigger } = spec
  if (trigger.kind !== 'webhook' || status === 'deleted') {
    throw new UnverifiedDeliveryError('there is no such webhook')
  }
  if (trigger.secret === undefined) verifyPath(secret, hookHash)
  else {
    const value = secrets(trigger.secret)
    if (value === undefined) throw new MissingSecretError(trigger.secret)
    verifySignature(value, { headers, body: text, now: clock.now() })
  }
  const { id = '' } = headers
  if (id === '' || id.length > MAX_DELIVERY_ID) {
    throw new UnverifiedDeliveryError(`webhook-id is needed, ${MAX_DELIVERY_ID} characters at most`)
  }
  return id
}

function checkOpen({ name, status, spec }: ScheduleState, now: number): void {
  if (status === 'paused') {
    throw new ScheduleStateError(name, 'is paused', 'deliver again when it is resumed')
  }
  const { start } = boundsOf(spec)
  if (start !== undefined && now < start) {
    throw new ScheduleStateError(name, 'has not begun', 'deliver again after its start')
  }
  if (status !== 'active') throw ended(name)
}
