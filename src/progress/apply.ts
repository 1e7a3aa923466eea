import { RUN_FOLDS } from './apply-run.ts'
import { STEP_FOLDS } from './apply-step.ts'
import type { ProgressEvent } from './event.ts'
import { timed } from './timing.ts'
import type { RunView } from './view.ts'

const FOLDS = new Map(Object.entries({ ...RUN_FOLDS, ...STEP_FOLDS }))

/**
 * The view after an event.
 *
 * @remarks
 * Invariant: `percent` never falls. An event that the view has seen already changes nothing, and one
 * of a kind that is not known here changes nothing but `version` and `at`.
 */
export function applyToView(view: RunView, event: ProgressEvent): RunView {
  if (event.version <= view.version) return view
  const next = FOLDS.get(event.kind)?.(view, event) ?? view
  const at = Math.max(view.at, event.at)
  return timed({ ...next, id: event.stream, version: event.version, at })
}
