import { QuotaExceededError } from './errors.ts'

/** How much a tenant may keep. */
export interface LibraryLimits {
  readonly maxWorkflows: number
  readonly maxVersions: number
  /** Of the definitions of all versions, as canonical JSON. */
  readonly maxBytes: number
}

/** How much a tenant keeps. */
export interface Kept {
  readonly workflows: number
  readonly versions: number
  readonly sizeBytes: number
}

/** Refuses what would exceed a limit. @throws {@link QuotaExceededError} */
export function checkQuota(kept: Kept, added: Kept, limits: LibraryLimits): void {
  const checks = [
    ['workflows', kept.workflows + added.workflows, limits.maxWorkflows, added.workflows],
    ['versions', kept.versions + added.versions, limits.maxVersions, added.versions],
    ['bytes', kept.sizeBytes + added.sizeBytes, limits.maxBytes, added.sizeBytes],
  ] as const
  for (const [resource, wanted, limit, more] of checks) {
    if (more > 0 && wanted > limit) throw new QuotaExceededError({ resource, wanted, limit })
  }
}
