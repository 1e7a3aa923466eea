import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'

import type { ChunkHolder, ChunkStore } from './chunk-store.ts'
import { createUnitText, type UnitText } from './unit-text.ts'

/** How a step shows text while it works, to whoever watches; it is no part of its result. */
export interface Telling {
  /** Shows more text. Waits for nothing and never fails. */
  tell(text: string): void
  /** What was shown is void: the text begins anew. */
  startOver(): void
}

/** The telling of one try of a unit. */
export interface OpenTelling extends Telling {
  /** Writes the rest; what is told later goes nowhere. Resolves when everything is written, or lost. */
  end(): Promise<void>
}

/** What {@link openTelling} needs. */
export interface TellingDeps {
  readonly chunks: Pick<ChunkStore, 'write'>
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
}

/** Whose text it is. */
export interface TellingUnit {
  readonly run: string
  readonly step: string
  readonly index: number | undefined
  readonly holder: ChunkHolder
  /** Values that must not be shown, as far as they are known when it is called. */
  readonly hidden: () => readonly string[]
}

/** Text is written this often, milliseconds, at the same instants for all steps: one commit takes all of it, */
const WRITE_EVERY_MS = 100
/** or as soon as there is this much of it, UTF-16 units, and the last write is done. */
const WRITE_AT = 4_096

/**
 * Opens the telling of one try of a unit; nothing is written before it tells something.
 *
 * @remarks Limit: one write at a time, ten a second unless much is told. A write that fails ends the
 * telling, and nothing else.
 */
export function openTelling(deps: TellingDeps, unit: TellingUnit): OpenTelling {
  return new UnitTelling(deps, unit)
}

class UnitTelling implements OpenTelling {
  readonly #deps: TellingDeps
  readonly #unit: TellingUnit
  #token: string
  #text: UnitText
  #told = ''
  #isOver = false
  #writing = 0
  #written: Promise<void> = Promise.resolve()
  #cancel: (() => void) | undefined

  constructor(deps: TellingDeps, unit: TellingUnit) {
    this.#deps = deps
    this.#unit = unit
    this.#token = deps.ids.next('text')
    this.#text = createUnitText(unit.hidden)
  }

  tell(text: string): void {
    if (this.#isOver || text === '') return
    this.#told += text
    if (this.#isFull) this.#write()
    else this.#wait()
  }

  startOver(): void {
    if (this.#isOver) return
    this.#told = ''
    this.#token = this.#deps.ids.next('text')
    this.#text = createUnitText(this.#unit.hidden)
  }

  end(): Promise<void> {
    if (!this.#isOver) this.#write(true)
    this.#isOver = true
    return this.#written
  }

  get #isFull(): boolean {
    return this.#told.length >= WRITE_AT && this.#writing === 0
  }

  #wait(): void {
    const { clock } = this.#deps
    const delayMs = WRITE_EVERY_MS - (clock.now() % WRITE_EVERY_MS)
    this.#cancel ??= clock.after(delayMs, () => this.#due())
  }

  #due(): void {
    this.#cancel = undefined
    if (this.#writing === 0) this.#write()
  }

  #write(isLast = false): void {
    this.#cancel?.()
    this.#cancel = undefined
    const piece = this.#text.next(this.#told, isLast)
    this.#told = ''
    if (piece === undefined) return
    const { chunks, log } = this.#deps
    const { run, step, index, holder } = this.#unit
    this.#writing++
    const write = chunks.write({ run, step, index, holder, token: this.#token, ...piece })
    this.#written = write.then(
      () => this.#wrote(),
      (fault: unknown) => {
        this.#isOver = true
        log.error('workflow.text-not-written', fault, { run, step })
      },
    )
  }

  /** What was told meanwhile is written as it would have been. */
  #wrote(): void {
    this.#writing--
    if (this.#isOver || this.#told === '') return
    if (this.#isFull) this.#write()
    else this.#wait()
  }
}
