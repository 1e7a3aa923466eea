import { formatDuration } from '../../kernel/duration.ts'
import type { ProgressEvent, RunView } from '../../progress/index.ts'
import type { Context } from '../context.ts'
import { padStart } from '../text/width.ts'

import { describeEvent } from './event-line.ts'

/** Writes a line for each event of a run that is worth one. */
export function createPlainLines({
  note,
}: Context): (event: ProgressEvent, before: RunView, after: RunView) => void {
  return (event, before, after) => {
    const text = describeEvent({ event, before, after })
    if (text === undefined) return
    const since = after.startedAt === undefined ? 0 : Math.max(0, event.at - after.startedAt)
    note(`${padStart(formatDuration(since), 7)}  ${text}`)
  }
}
