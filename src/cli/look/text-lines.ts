import { type AssembledText, assembleText, type Chunk } from '../../client/index.ts'
import type { Paint } from '../text/colour.ts'
import { tame } from '../text/width.ts'

/** Shows the text of a run as it comes. */
export interface TextLines {
  /** What is to be written for a piece. */
  show(chunk: Chunk): string
  /** What ends the last line, if it has no end. */
  end(): string
}

/** How text is shown. */
export interface TextStyle {
  readonly paint: Paint
  /** Whether each text stands under the name of its step. */
  readonly isNamed: boolean
}

/** Builds what shows the text of a run: a step that begins anew says so, as do steps that take turns. */
export function createTextLines({ paint, isNamed }: TextStyle): TextLines {
  const assembled: AssembledText = assembleText()
  let current: string | undefined
  let isMidLine = false
  const written = (text: string): string => {
    if (text !== '') isMidLine = !text.endsWith('\n')
    return text
  }
  const line = (text: string): string => written(`${isMidLine ? '\n' : ''}${paint.dim(text)}\n`)
  return {
    show(chunk) {
      const { text, isAnew } = assembled.add(chunk)
      const name = chunk.index === undefined ? chunk.step : `${chunk.step}[${chunk.index}]`
      const isOther = isNamed && current !== name
      const head = isAnew
        ? line(`${name} begins anew; what it wrote before is void`)
        : isOther
          ? line(name)
          : ''
      current = name
      const body = written(tame(text))
      return (
        head + body + (chunk.isCut === true ? line(`more of what ${name} writes is not kept`) : '')
      )
    },
    end: () => (isMidLine ? '\n' : ''),
  }
}
