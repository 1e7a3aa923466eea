/** What the process ends with. */
export const EXIT = {
  done: 0,
  /** The run or the check failed. */
  failed: 1,
  /** The command was not understood. */
  usage: 2,
  /** Refused by policy, budget or safety. */
  refused: 3,
  /** The server or database is not there. */
  unreachable: 4,
  interrupted: 130,
} as const

/** What the process ends with. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** By error code or the beginning of one; the longest that fits counts. */
const BY_CODE: Readonly<Record<string, ExitCode>> = {
  access: EXIT.refused,
  'access.expired-from-start': EXIT.usage,
  'access.key-exists': EXIT.failed,
  'access.unknown-key': EXIT.failed,
  agents: EXIT.failed,
  api: EXIT.failed,
  'api.invalid-cursor': EXIT.usage,
  'api.invalid-request': EXIT.usage,
  'api.not-ready': EXIT.unreachable,
  'api.operator-only': EXIT.refused,
  'api.too-many-requests': EXIT.unreachable,
  'api.too-many-streams': EXIT.unreachable,
  artifacts: EXIT.failed,
  cli: EXIT.usage,
  'cli.nobody-there': EXIT.unreachable,
  'client.invalid-argument': EXIT.usage,
  'client.unexpected-response': EXIT.unreachable,
  'client.unreachable': EXIT.unreachable,
  code: EXIT.failed,
  'code.not-allowed': EXIT.refused,
  config: EXIT.usage,
  documents: EXIT.failed,
  duration: EXIT.usage,
  files: EXIT.failed,
  http: EXIT.failed,
  'http.private-address': EXIT.refused,
  internal: EXIT.failed,
  ledger: EXIT.refused,
  library: EXIT.failed,
  'library.archived': EXIT.refused,
  'library.draft': EXIT.refused,
  'library.foreign-template': EXIT.refused,
  'library.invalid-parameters': EXIT.usage,
  'library.invalid-reference': EXIT.usage,
  'library.invalid-sharing': EXIT.usage,
  'library.not-granted': EXIT.refused,
  'library.own-template': EXIT.refused,
  'library.quota-exceeded': EXIT.refused,
  'library.unknown-format': EXIT.usage,
  'library.untrusted-signer': EXIT.refused,
  models: EXIT.failed,
  'models.invalid-providers': EXIT.usage,
  'models.invalid-reference': EXIT.usage,
  'models.refused': EXIT.refused,
  money: EXIT.usage,
  plumbing: EXIT.failed,
  policy: EXIT.refused,
  pricing: EXIT.failed,
  restate: EXIT.unreachable,
  'restate.port-in-use': EXIT.failed,
  progress: EXIT.failed,
  safety: EXIT.refused,
  schedule: EXIT.failed,
  'schedule.invalid-backfill': EXIT.usage,
  'schedule.invalid-cron': EXIT.usage,
  'schedule.invalid-time': EXIT.usage,
  'schedule.never-fires': EXIT.usage,
  'schedule.not-possible': EXIT.refused,
  'schedule.unknown-zone': EXIT.usage,
  'schedule.unverified': EXIT.refused,
  server: EXIT.failed,
  sql: EXIT.failed,
  'sql.connection-lost': EXIT.unreachable,
  'sql.not-empty': EXIT.refused,
  'sql.data-dir': EXIT.unreachable,
  'sql.engine-failed': EXIT.unreachable,
  'sql.engine-missing': EXIT.unreachable,
  'sql.engine-version': EXIT.unreachable,
  'sql.unreachable': EXIT.unreachable,
  vault: EXIT.refused,
  'vault.unknown-secret': EXIT.failed,
  workflow: EXIT.failed,
  'workflow.above-max-cost': EXIT.refused,
  'workflow.files-not-allowed': EXIT.refused,
  'workflow.invalid-inputs': EXIT.usage,
  'workflow.not-possible': EXIT.refused,
  'workflow.secret-not-allowed': EXIT.refused,
  'workflow.unreadable': EXIT.usage,
}

/** Whether the table knows the code, or the room it comes from. */
export function isKnownCode(code: string): boolean {
  return entryOf(code) !== undefined
}

/** What a process ends with that met an error of this code; one that is not known is a failure. */
export function exitCodeOf(code: string): ExitCode {
  return entryOf(code) ?? EXIT.failed
}

function entryOf(code: string): ExitCode | undefined {
  for (let end = code.length; end > 0; end = code.lastIndexOf('.', end - 1)) {
    const found = BY_CODE[code.slice(0, end)]
    if (found !== undefined) return found
  }
  return undefined
}
