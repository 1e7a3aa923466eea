import type { EpochMs } from '../../kernel/clock.ts'
import type { MicroFtns } from '../../kernel/money.ts'

import type { Template, TemplateCategory } from './schema.ts'
import type { TemplateBody } from './template.ts'

/** Names a template. */
export interface TemplateKey {
  readonly tenant: string
  readonly name: string
}

/** A template as it is kept. */
export interface TemplateRecord extends TemplateKey, TemplateBody {
  readonly author: string
  readonly category: TemplateCategory
  readonly description: string | undefined
  readonly price: MicroFtns
  readonly licence: string | undefined
  readonly isPublic: boolean
  readonly revision: number
  readonly forkedFrom: string | undefined
  readonly createdAt: EpochMs
  readonly updatedAt: EpochMs
}

/** What others made of a template. */
export type TemplateFame = Pick<Template, 'uses' | 'rating' | 'ratings'>

/** What one user thinks of a template. */
export interface Rating extends TemplateKey {
  readonly byTenant: string
  readonly byUser: string
  readonly stars: number
  readonly at: EpochMs
}

/** Where templates, their uses and ratings are kept. */
export interface TemplateStore {
  find(key: TemplateKey): Promise<TemplateRecord | undefined>
  /** Those of `tenant` and, of others, the public ones; by tenant and name. */
  list(tenant: string): Promise<readonly TemplateRecord[]>
  put(record: TemplateRecord): Promise<void>
  /** False when the name is taken. */
  add(record: TemplateRecord): Promise<boolean>
  remove(key: TemplateKey): Promise<void>
  /** By `TENANT/NAME`; a template that nobody used or rated is not among them. */
  fame(): Promise<ReadonlyMap<string, TemplateFame>>
  /** A user's last rating counts. */
  rate(rating: Rating): Promise<void>
}
