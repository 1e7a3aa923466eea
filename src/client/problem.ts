import { problemDocument } from '../api/schema.ts'
import type { ErrorCode } from '../kernel/errors.ts'

import { ApiError, UnexpectedResponseError } from './errors.ts'

const CODE = /^[a-z0-9-]+\.[a-z0-9.-]+$/

/** The error that an answer other than a success stands for. */
export async function readProblem(response: Response): Promise<ApiError | UnexpectedResponseError> {
  const { status, headers } = response
  const text = await response.text()
  const parsed = problemDocument.safeParse(parseJson(text))
  if (!parsed.success || !isErrorCode(parsed.data.code)) {
    return new UnexpectedResponseError(status, 'it is not a problem document')
  }
  const { code, detail, hint, details } = parsed.data
  const retryAfterMs = readRetryAfter(headers.get('retry-after'))
  return new ApiError({ code, status, message: detail, hint, details, retryAfterMs })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (fault) {
    if (fault instanceof SyntaxError) return undefined
    throw fault
  }
}

function isErrorCode(text: string): text is ErrorCode {
  return CODE.test(text)
}

/** PRSM gives seconds; a date, which a proxy may give, is left to the client's own waits. */
function readRetryAfter(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined
}
