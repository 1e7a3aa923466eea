import { PlatformError } from '../../kernel/errors.ts'

/** Thrown when a text is not a bundle, or not the one that was signed. */
export class InvalidBundleError extends PlatformError {
  readonly code = 'library.invalid-bundle'

  constructor(problem: string) {
    super(`the bundle is not valid: ${problem}`, {
      hint: 'have it exported again; nothing was taken in',
      details: { problem },
    })
  }
}

/** Thrown when a bundle is signed by a key that is not trusted. */
export class UntrustedSignerError extends PlatformError {
  readonly code = 'library.untrusted-signer'

  constructor(signer: string) {
    super(`the bundle is signed by ${signer}, which is not trusted here`, {
      hint: 'compare this fingerprint with its sender, then use --trust; prsm signers lists those that are trusted',
      details: { signer },
    })
  }
}

/** Thrown when a text is no public key, or names none that is trusted. */
export class UnknownSignerError extends PlatformError {
  readonly code = 'library.unknown-signer'

  constructor(signer: string) {
    super(`there is no signer "${signer}"`, {
      hint: 'prsm signers lists those that are trusted',
      details: { signer },
    })
  }
}
