/** Puts a text into a colour, or leaves it as it is. */
export type Colour = (text: string) => string

/** The colours of an output. */
export interface Paint {
  readonly isOn: boolean
  readonly plain: Colour
  readonly bold: Colour
  readonly dim: Colour
  readonly red: Colour
  readonly green: Colour
  readonly yellow: Colour
  readonly cyan: Colour
}

/** Builds a paint; one that is off changes nothing. */
export function createPaint(isOn: boolean): Paint {
  const within =
    (open: number, close: number): Colour =>
    (text) =>
      isOn && text !== '' ? `\u001B[${open}m${text}\u001B[${close}m` : text
  return {
    isOn,
    plain: (text) => text,
    bold: within(1, 22),
    dim: within(2, 22),
    red: within(31, 39),
    green: within(32, 39),
    yellow: within(33, 39),
    cyan: within(36, 39),
  }
}

/** What decides whether colours are wanted. */
export interface ColourWish {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether `--no-color` was given. */
  readonly isForbidden: boolean
  /** Whether a person sees the output in a terminal. */
  readonly isInteractive: boolean
}

/**
 * Whether colours are wanted: the flag outweighs FORCE_COLOR, that NO_COLOR, that the terminal.
 *
 * @remarks Source: no-color.org, force-color.org.
 */
export function wantsColour({ env, isForbidden, isInteractive }: ColourWish): boolean {
  const { FORCE_COLOR: force = '', NO_COLOR: no = '' } = env
  if (isForbidden) return false
  if (force !== '') return force !== '0' && force !== 'false'
  return no === '' && isInteractive
}
