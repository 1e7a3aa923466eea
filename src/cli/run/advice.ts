import { assertNever } from '../../kernel/result.ts'
import { adviseOnPause, adviseOnWaits, type Advice, type RunView } from '../../progress/index.ts'
import { tameLine } from '../text/width.ts'

import type { Followed } from './follow.ts'

/** What whoever followed a run can do. */
export function adviseOn({ ending, view }: Followed): readonly Advice[] {
  switch (ending) {
    case 'ended':
    case 'waits':
    case 'paused':
      return adviseOnView(view)
    case 'interrupted': {
      const waits = view.status === 'waiting' ? adviseOnWaits(view) : []
      return [...waits, goOn('finished steps keep their results; go on with', view)]
    }
    case 'left':
      return [{ message: 'watch it again with', commands: [`prsm logs ${view.id} --follow`] }]
    default:
      return assertNever(ending)
  }
}

/** What whoever looks at a run can do, if anything. */
export function adviseOnView(view: RunView): readonly Advice[] {
  const pause = adviseOnPause(view)
  if (pause !== undefined) return [pause]
  if (view.status === 'failed' && view.parent === undefined) {
    return [goOn('finished steps keep their results; go on from there with', view)]
  }
  const waits = adviseOnWaits(view)
  if (waits.length === 0) return []
  return [...waits, goOn('an answer is taken up by a server or worker, or by', view)]
}

function goOn(message: string, { id }: RunView): Advice {
  return { message, commands: [`prsm resume ${id}`] }
}

/** Advice as people read it. */
export function adviceLines(advice: readonly Advice[]): readonly string[] {
  return advice.flatMap(({ message, commands }) => [
    // What a step asks is somebody else's text.
    tameLine(message),
    ...commands.map((command) => `  ${command}`),
  ])
}

/** The commands of some advice, as programs read it; nothing when there are none. */
export function nextOf(advice: readonly Advice[]): { readonly next?: readonly string[] } {
  const next = advice.flatMap(({ commands }) => commands)
  return next.length === 0 ? {} : { next }
}
