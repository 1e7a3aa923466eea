/** What a document was read as. */
export type DocumentFormat = 'text' | 'markdown' | 'html' | 'pdf'

/** A part of a document under one heading, sub-headings included. */
export interface DocumentSection {
  readonly title: string
  /** 1 to 6. */
  readonly level: number
  /** Where in the text it begins, its heading included. */
  readonly start: number
  /** Where in the text it ends, exclusive. */
  readonly end: number
}

/** A page of a document. */
export interface DocumentPage {
  /** 1, 2, 3 … */
  readonly page: number
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

/** Something about a document that may make its text worse than it is. */
export type DocumentWarning =
  /** Neither UTF-8 nor marked: taken for Windows-1252. */
  | 'encoding-guessed'
  /** Some bytes mean nothing in its encoding. */
  | 'encoding-damaged'
  /** Pages without text, or that could not be read. */
  | 'pages-without-text'

/** The text of a document. Offsets count UTF-16 code units of `text`. */
export interface ReadDocument {
  readonly format: DocumentFormat
  readonly title?: string
  readonly text: string
  /** Of Markdown and HTML, in the order of the text. */
  readonly sections?: readonly DocumentSection[]
  /** Of PDF. */
  readonly pages?: readonly DocumentPage[]
  readonly warnings: readonly DocumentWarning[]
}

/** A heading, and where in the text it begins. */
export interface Heading {
  readonly title: string
  readonly level: number
  readonly start: number
}

/** The sections that headings make: each reaches to the next heading of its level or above. */
export function toSections(
  headings: readonly Heading[],
  textLength: number,
): readonly DocumentSection[] {
  // Walked backwards: for each level, where the next heading of it or above begins.
  const ends: number[] = []
  return headings
    .toReversed()
    .map((heading) => {
      const end = ends[heading.level] ?? textLength
      for (let level = heading.level; level <= 6; level++) ends[level] = heading.start
      return { ...heading, end }
    })
    .toReversed()
}
