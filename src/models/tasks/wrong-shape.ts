import type { ZodError } from 'zod'

const MAX_PROBLEMS = 20

/** The verdict on an answer that does not have the shape of the task. */
export function wrongShape(error: ZodError): { dropped: 0; problems: readonly string[] } {
  return { dropped: 0, problems: problemsOf(error) }
}

/** What is wrong, with its place, one sentence each. */
export function problemsOf(error: ZodError): readonly string[] {
  return error.issues
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => `${path.map(String).join('.') || 'the answer'}: ${message}`)
}
