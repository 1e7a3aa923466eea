import type { Json, JsonObject } from '../../kernel/json.ts'
import type {
  Backfill,
  BackfillRequest,
  CreatedSchedule,
  Delivery,
  Fire,
  FireStatus,
  FiresPreview,
  NewSchedule,
  PreviewRequest,
  Schedule,
  ScheduleStatus,
  ScheduleUpdate,
  ScheduleVersion,
  TriggerRequest,
} from '../../workflow/schedule/schema.ts'
import type { Listing } from '../listing.ts'

import type { CallOptions, EffectOptions, ListOptions } from './options.ts'

/** Which schedules are listed. */
export interface ScheduleFilter extends ListOptions {
  readonly status?: ScheduleStatus
}

/** Which fires are listed. */
export interface FireFilter extends ListOptions {
  readonly status?: FireStatus
}

/** Something delivered to a webhook. */
export interface DeliveryRequest {
  /** Names the delivery; one that was accepted is not accepted again. */
  readonly id: string
  readonly body: Json
}

/** The same with its signature. */
export interface SignedDeliveryRequest {
  readonly id: string
  /** The JSON that was signed, to the letter. */
  readonly text: string
  /** When it was sent, in seconds since 1970. */
  readonly timestamp: string
  /** `v1,` and the signature in base64. */
  readonly signature: string
}

/** When workflows run by themselves. */
export interface ScheduleMethods {
  /** The path of its webhook, and the secret in it, are in this answer and nowhere else. */
  createSchedule(request: NewSchedule, options?: EffectOptions): Promise<CreatedSchedule>
  /** By name. A schedule is named by its name or its id. */
  listSchedules(filter?: ScheduleFilter): Listing<Schedule>
  getSchedule(schedule: string, options?: CallOptions): Promise<Schedule>
  updateSchedule(
    schedule: string,
    request: ScheduleUpdate,
    options?: EffectOptions,
  ): Promise<CreatedSchedule>
  deleteSchedule(schedule: string, options?: EffectOptions): Promise<Schedule>
  pauseSchedule(schedule: string, options?: EffectOptions): Promise<Schedule>
  resumeSchedule(schedule: string, options?: EffectOptions): Promise<Schedule>
  triggerSchedule(
    schedule: string,
    request?: TriggerRequest,
    options?: EffectOptions,
  ): Promise<readonly Fire[]>
  backfillSchedule(
    schedule: string,
    request: BackfillRequest,
    options?: EffectOptions,
  ): Promise<Backfill>
  listFires(schedule: string, filter?: FireFilter): Listing<Fire>
  listScheduleVersions(schedule: string, options?: CallOptions): Promise<readonly ScheduleVersion[]>
  nextFires(
    schedule: string,
    options?: CallOptions & { readonly count?: number },
  ): Promise<FiresPreview>
  previewSchedule(request: PreviewRequest, options?: CallOptions): Promise<FiresPreview>
  scheduleSchema(options?: CallOptions): Promise<JsonObject>
}

/** What others deliver to webhooks. */
export interface HookMethods {
  /** @param schedule - its id. */
  deliver(
    schedule: string,
    secret: string,
    request: DeliveryRequest & CallOptions,
  ): Promise<Delivery>
  /** @param schedule - its id. */
  deliverSigned(schedule: string, request: SignedDeliveryRequest & CallOptions): Promise<Delivery>
}
