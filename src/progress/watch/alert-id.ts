import { sha256 } from '../../kernel/hash.ts'

/** One id for everything that is found under a key: `alrt_…`. */
export function alertId(tenant: string, key: string): string {
  const digits = sha256(`${tenant} ${key}`).slice('sha256:'.length)
  return `alrt_${digits.slice(0, 26)}`
}
