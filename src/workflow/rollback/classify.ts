import type { ErrorRecord } from '../../kernel/errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'

import type { FailureKind } from './schema.ts'

/** What the errors of a room are, where {@link CODES} says nothing else. */
const ROOMS: Readonly<Record<string, FailureKind>> = {
  access: 'permission_denied',
  agents: 'step_execution_error',
  api: 'step_execution_error',
  artifacts: 'system_error',
  cli: 'step_execution_error',
  client: 'dependency_failure',
  code: 'step_execution_error',
  config: 'system_error',
  documents: 'step_execution_error',
  duration: 'step_execution_error',
  files: 'step_execution_error',
  http: 'network_error',
  internal: 'step_execution_error',
  ledger: 'cost_threshold_exceeded',
  models: 'dependency_failure',
  money: 'step_execution_error',
  pricing: 'system_error',
  restate: 'system_error',
  library: 'permission_denied',
  progress: 'step_execution_error',
  schedule: 'step_execution_error',
  server: 'system_error',
  sql: 'system_error',
  vault: 'permission_denied',
  workflow: 'step_execution_error',
}

/** Codes that mean something else than most of their room. */
const CODES: Readonly<Record<string, FailureKind>> = {
  'api.client-gone': 'user_cancellation',
  'api.not-ready': 'dependency_failure',
  'api.too-many-requests': 'resource_exhaustion',
  'api.too-many-streams': 'resource_exhaustion',
  'client.invalid-argument': 'step_execution_error',
  'client.unreachable': 'network_error',
  'code.not-allowed': 'safety_violation',
  'code.not-started': 'resource_exhaustion',
  'code.out-of-memory': 'resource_exhaustion',
  'code.out-of-time': 'timeout',
  'documents.too-large': 'resource_exhaustion',
  'files.busy': 'resource_exhaustion',
  'files.denied': 'permission_denied',
  'files.disk-full': 'resource_exhaustion',
  'files.import-limit': 'resource_exhaustion',
  'files.outside': 'safety_violation',
  'files.too-large': 'resource_exhaustion',
  'files.too-many': 'resource_exhaustion',
  'http.circuit-open': 'dependency_failure',
  'http.garbage': 'dependency_failure',
  'http.invalid-allowed-host': 'system_error',
  'http.invalid-url': 'step_execution_error',
  'http.private-address': 'safety_violation',
  'http.scheme': 'safety_violation',
  'http.status': 'dependency_failure',
  'http.timeout': 'timeout',
  'http.too-large': 'resource_exhaustion',
  'ledger.id-reused': 'system_error',
  'ledger.invalid-amount': 'system_error',
  'ledger.same-account': 'system_error',
  'ledger.unknown-account': 'system_error',
  'ledger.unknown-hold': 'system_error',
  'models.context-overflow': 'resource_exhaustion',
  'models.idempotency-conflict': 'system_error',
  'models.invalid-providers': 'system_error',
  'models.invalid-reference': 'step_execution_error',
  'models.invalid-schema': 'step_execution_error',
  'models.invalid-task-input': 'step_execution_error',
  'models.key-rejected': 'permission_denied',
  'models.no-key': 'permission_denied',
  'models.no-material': 'step_execution_error',
  'models.rate-limited': 'resource_exhaustion',
  'models.refused': 'safety_violation',
  'models.timeout': 'timeout',
  'models.unknown-model': 'step_execution_error',
  'models.unknown-provider': 'step_execution_error',
  'models.unrecorded-request': 'system_error',
  'workflow.aborted': 'user_cancellation',
  'workflow.fenced': 'system_error',
  'workflow.files-not-allowed': 'permission_denied',
  'workflow.history-broken': 'system_error',
  'workflow.input-outside': 'safety_violation',
  'workflow.missing-secret': 'permission_denied',
  'workflow.not-begun': 'system_error',
  'workflow.only-for-work': 'step_execution_error',
  'workflow.over-budget': 'cost_threshold_exceeded',
  'workflow.rejected': 'user_cancellation',
  'workflow.run-left': 'system_error',
  'workflow.run-timeout': 'timeout',
  'workflow.secret-not-allowed': 'permission_denied',
  'workflow.sensitive-value': 'permission_denied',
  'workflow.timeout': 'timeout',
  'workflow.unknown-function': 'system_error',
  'workflow.wait-timeout': 'timeout',
  'workflow.worker-lost': 'system_error',
}

/** What the status of a response says, where it says more than that it was not expected. */
const STATUSES: Readonly<Record<number, FailureKind>> = {
  401: 'permission_denied',
  402: 'cost_threshold_exceeded',
  403: 'permission_denied',
  407: 'permission_denied',
  408: 'timeout',
  413: 'resource_exhaustion',
  429: 'resource_exhaustion',
  451: 'safety_violation',
  504: 'timeout',
  507: 'resource_exhaustion',
}

/**
 * The kind of a failure, by its code and typed details, never by its message.
 *
 * @remarks A run that a step began fails for the reason that run had. Codes of authors' own kinds of
 * step are not known here; they are errors of the step.
 */
export function classifyFailure({ code, details }: Omit<ErrorRecord, 'message'>): FailureKind {
  if (code === 'http.status') return ofStatus(details?.['status'])
  if (code === 'workflow.child-failed') return ofChild(details?.['error'])
  return knownKind(code) ?? 'step_execution_error'
}

/** The kind that the tables give to a code; `undefined` for codes of others. */
export function knownKind(code: string): FailureKind | undefined {
  return CODES[code] ?? ROOMS[code.slice(0, code.indexOf('.'))]
}

function ofStatus(status: Json | undefined): FailureKind {
  if (typeof status !== 'number') return 'dependency_failure'
  // Another refusal of the request is the request's fault.
  return STATUSES[status] ?? (status >= 500 ? 'dependency_failure' : 'step_execution_error')
}

/** A child that ended without an error was cancelled. */
function ofChild(error: Json | undefined): FailureKind {
  if (error === undefined || !isJsonObject(error)) return 'user_cancellation'
  const { code, details } = error
  if (typeof code !== 'string' || !isCode(code)) return 'step_execution_error'
  return classifyFailure({
    code,
    ...(details !== undefined && isJsonObject(details) && { details }),
  })
}

/** Whether a text has the form of an error code. */
export function isCode(text: string): text is ErrorRecord['code'] {
  return text.includes('.')
}
