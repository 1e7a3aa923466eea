import type { TextListener } from '../models/index.ts'

/** What stands between two turns. */
const BETWEEN = '\n\n'

/** Makes one text of what a model says in several turns. */
export interface TurnListener {
  /** The next turn's listener; a turn that begins anew leaves those before it as they are. */
  begin(): TextListener
}

/** Builds the listener of an agent, which hands everything on to `whole`. */
export function createTurnListener(whole: TextListener): TurnListener {
  let said = ''
  let saying = ''
  return {
    begin() {
      said += saying
      saying = ''
      return {
        tell(text) {
          const more = saying === '' && said !== '' ? BETWEEN + text : text
          saying += more
          whole.tell(more)
        },
        startOver() {
          saying = ''
          whole.startOver()
          if (said !== '') whole.tell(said)
        },
      }
    },
  }
}
