import type { Clock } from '../kernel/clock.ts'
import type { Workflows } from '../workflow/index.ts'

import type { Payments } from './payments.ts'
import type { LibraryLimits } from './quotas.ts'
import type { LibraryStore } from './store.ts'

/** What the library needs. */
export interface LibraryDeps {
  readonly store: LibraryStore
  readonly payments: Payments
  readonly workflows: Pick<Workflows, 'checkSource' | 'listEvents' | 'getDefinition'>
  readonly clock: Clock
  readonly limits: LibraryLimits
}
