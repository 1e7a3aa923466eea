import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when a document is written in nothing that can be brought over. */
export class UnknownFormatError extends PlatformError {
  readonly code = 'library.unknown-format'

  constructor() {
    super('the document is neither a state machine nor a WfFormat instance', {
      hint: 'a state machine has "StartAt" and "States", an instance "workflow.specification"',
    })
  }
}
