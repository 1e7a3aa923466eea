import type { Platform } from '../../app/compose.ts'

import { type Finding, good, worse } from './finding.ts'

/** Whether sealed values can be opened here, and by nobody else. */
export async function examineVault({ vault }: Platform): Promise<Finding> {
  const { where, here, missing, isPrivate } = await vault.examine()
  if (missing.length > 0) {
    return {
      check: 'secrets',
      state: 'fail',
      text: `sealed values need the master key ${missing.join(', ')}, which is not in ${where}`,
      hint: `copy the master key from the machine that made it, into ${where} or PRSM_MASTER_KEYS`,
    }
  }
  if (!isPrivate) {
    return worse(
      'secrets',
      `others on this machine can read the master keys in ${where}`,
      `chmod 600 ${where}, and then prsm secrets rotate --master`,
    )
  }
  const [inUse] = here
  if (inUse === undefined)
    return good('secrets', `none yet; the first makes a master key in ${where}`)
  return good('secrets', `master key ${inUse} in ${where}; keep a copy of it elsewhere`)
}
