import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when a file is something other than text, HTML or PDF. */
export class BinaryDocumentError extends PlatformError {
  readonly code = 'documents.binary'

  /** @param what - such as `a ZIP archive or an Office document` */
  constructor(name: string, what: string) {
    super(`"${name}" is ${what}, not a text, HTML or PDF document`, {
      hint: 'convert it to Markdown, text, HTML or PDF',
      details: { name, what },
    })
  }
}

/** Thrown when a document has no text at all. */
export class EmptyDocumentError extends PlatformError {
  readonly code = 'documents.empty'

  constructor(name: string, reason = 'it has no text') {
    super(`"${name}" is empty: ${reason}`, {
      hint: 'a scanned document has to go through text recognition first',
      details: { name, reason },
    })
  }
}

/** Thrown when a document is broken, encrypted, or not there. */
export class UnreadableDocumentError extends PlatformError {
  readonly code = 'documents.unreadable'

  constructor(name: string, reason: string, cause?: unknown) {
    super(`"${name}" cannot be read: ${reason}`, {
      hint: 'open it in another program and save it again, without a password',
      details: { name, reason },
      ...(cause !== undefined && { cause }),
    })
  }
}

/** Thrown when a document is larger, has more pages or takes longer than is allowed. */
export class DocumentTooLargeError extends PlatformError {
  readonly code = 'documents.too-large'

  constructor(name: string, limit: string, value: number) {
    super(`"${name}" is too large: ${limit} is ${value}`, {
      hint: `split it, or raise ${limit}`,
      details: { name, limit, value },
    })
  }
}
