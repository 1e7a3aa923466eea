import { PlatformError } from '../kernel/errors.ts'

/** Thrown when an artifact is referred to but not kept any more. */
export class ArtifactMissingError extends PlatformError {
  readonly code = 'artifacts.missing'

  constructor(hash: string) {
    super(`artifact ${hash} is not kept any more`, {
      hint: 'retention may have removed it; run the step again',
      details: { hash },
    })
  }
}
