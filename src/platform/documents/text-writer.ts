/** Builds text from pieces of a document: collapses white space and separates blocks. */
export class TextWriter {
  readonly #parts: string[] = []
  #length = 0
  /** Line breaks owed before the next text. */
  #breaks = 0
  #isSpaceOwed = false
  /** What stands before the next text on its line; it is not written when no text follows. */
  #mark = ''

  /** How much has been written, what is owed not counted. */
  get length(): number {
    return this.#length
  }

  /** Where the next text, or its mark, will stand. */
  get nextStart(): number {
    return this.#length + (this.#length === 0 ? 0 : this.#breaks)
  }

  /** Writes running text: any white space in it counts as one space. */
  write(text: string): void {
    const words = text.replaceAll(/[\u00AD\u200B\uFEFF]/g, '').split(/\s+/)
    for (const [index, word] of words.entries()) {
      if (index > 0) this.#isSpaceOwed = true
      if (word !== '') this.#put(word)
    }
  }

  /** Writes text whose white space counts, but for line breaks after which nothing comes. */
  writeVerbatim(text: string): void {
    let end = text.length
    while (text[end - 1] === '\n') end--
    if (end > 0) this.#put(text.slice(0, end))
    this.#breaks += text.length - end
  }

  /** Separates what follows by at least so many line breaks. */
  break(count: number): void {
    // What follows a mark stays on its line.
    if (this.#mark === '') this.#breaks = Math.max(this.#breaks, count)
    this.#isSpaceOwed = false
  }

  /** Begins the line of the next text with a mark, such as that of a list. */
  mark(text: string): void {
    this.#mark = text
    this.#isSpaceOwed = false
  }

  /** Forgets a mark that no text has followed. */
  unmark(): void {
    this.#mark = ''
  }

  /** Puts a separator before the next text, on the line of the last one if there is one. */
  join(separator: string, isSameLine: boolean): void {
    if (isSameLine) this.#breaks = 0
    this.mark(this.#mark + separator)
  }

  toString(): string {
    return this.#parts.join('').trimEnd()
  }

  #put(text: string): void {
    if (this.#length > 0 && this.#breaks > 0) this.#push('\n'.repeat(this.#breaks))
    else if (this.#isSpaceOwed && this.#length > 0 && this.#mark === '') this.#push(' ')
    this.#push(this.#mark)
    this.#mark = ''
    this.#breaks = 0
    this.#isSpaceOwed = false
    this.#push(text)
  }

  #push(text: string): void {
    if (text === '') return
    this.#parts.push(text)
    this.#length += text.length
  }
}
