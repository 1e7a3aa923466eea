import type { CircuitReport } from '../../kernel/breakers.ts'
import { PlatformError } from '../../kernel/errors.ts'

import type { BreakerRecord } from './schema.ts'

/** Thrown when nobody knows of a dependency. */
export class UnknownDependencyError extends PlatformError {
  readonly code = 'workflow.unknown-dependency'

  constructor(dependency: string) {
    super(`no worker has called "${dependency}"`, {
      hint: 'prsm breakers lists what they have called',
      details: { dependency },
    })
  }
}

/** Whose circuits are meant. */
export interface BreakerRange {
  /** Those of this tenant and those of everybody; absent: all. */
  readonly tenant?: string
}

/** Which circuits are to be closed. */
export interface BreakerReset {
  readonly dependency: string
  /** Only those of this tenant. */
  readonly tenant?: string
}

/** Where workers show their circuits, and where they are asked to close them. */
export interface BreakerBoard {
  /**
   * Shows what a worker has come to.
   *
   * @returns what it was asked to close since it last did.
   */
  show(worker: string, reports: readonly CircuitReport[]): Promise<readonly BreakerReset[]>
  list(range: BreakerRange): Promise<readonly BreakerRecord[]>
  /** Asks every worker that shows such a circuit. @returns how many were asked */
  ask(reset: BreakerReset): Promise<number>
  /** Calls `wake` when somebody has asked for something, until the returned function is called. */
  listen(wake: () => void): Promise<() => void>
}

/** Circuit breakers of all workers, for those who look after them. */
export interface BreakerWatch {
  list(range: BreakerRange): Promise<readonly BreakerRecord[]>
  /**
   * Has circuits closed, each by its worker as soon as that hears of it.
   *
   * @returns the circuits that are meant, as they were.
   * @throws {@link UnknownDependencyError}
   */
  reset(reset: BreakerReset): Promise<readonly BreakerRecord[]>
}

/** Builds the service. */
export function createBreakerWatch({ board }: { readonly board: BreakerBoard }): BreakerWatch {
  return {
    list: (range) => board.list(range),
    async reset(reset) {
      const { dependency, tenant } = reset
      const meant = (await board.list({})).filter(
        (each) =>
          each.dependency === dependency && (tenant === undefined || each.tenant === tenant),
      )
      if (meant.length === 0) throw new UnknownDependencyError(dependency)
      await board.ask(reset)
      return meant
    },
  }
}
