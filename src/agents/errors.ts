import { PlatformError } from '../kernel/errors.ts'
import type { Usage } from '../kernel/usage.ts'

/** Thrown when an agent has used up its turns without an answer. */
export class TurnsExhaustedError extends PlatformError {
  readonly code = 'agents.turns-exhausted'
  /** What the turns have cost, so that it is paid. */
  readonly usage: readonly Usage[]

  constructor(maxTurns: number, usage: readonly Usage[]) {
    super(`the agent gave no answer within ${maxTurns} turns`, {
      hint: 'raise "maxTurns", give it fewer tools, or ask for less at once',
      details: { maxTurns },
    })
    this.usage = usage
  }
}

/** Thrown when a definition gives an agent a tool that does not exist. */
export class UnknownToolError extends PlatformError {
  readonly code = 'agents.unknown-tool'

  constructor(name: string, known: readonly string[]) {
    super(`there is no tool "${name}"`, {
      hint: `known are: ${known.join(', ')}`,
      details: { name, known: [...known] },
    })
  }
}

/** Thrown when a tool is made of a kind of step that waits, which no agent can. */
export class UnfitToolError extends PlatformError {
  readonly code = 'agents.unfit-tool'

  constructor(kind: string) {
    super(`"${kind}" waits, and a tool must answer at once`, {
      hint: 'make tools of kinds of step that work',
      details: { kind },
    })
  }
}
