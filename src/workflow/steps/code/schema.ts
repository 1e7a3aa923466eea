import { z } from 'zod'

/** Heap of the author's module, megabytes. */
const DEFAULT_MEMORY_MB = 256

/** Core time one call may use, milliseconds. */
export const DEFAULT_MAX_CORE_MS = 60_000

/** What a `code` step is given. */
export const codeParameters = z.strictObject({
  module: z
    .string()
    .min(1)
    .max(4_096)
    .describe('ES module: a path in a definition file is taken from its folder'),
  function: z.string().min(1).max(200).default('default').describe('Which of its exports to call'),
  input: z.json().optional().describe('First argument of the function'),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'write sha256: and 64 hexadecimal digits')
    .optional()
    .describe('SHA-256 of the file; the step fails when the file has changed'),
  memoryMb: z
    .int()
    .min(32)
    .max(4_096)
    .default(DEFAULT_MEMORY_MB)
    .describe('Memory it may use, megabytes'),
  maxCoreMs: z
    .int()
    .min(1)
    .max(3_600_000)
    .default(DEFAULT_MAX_CORE_MS)
    .describe('Core time it may use, milliseconds; this much is reserved'),
})
export type CodeParameters = z.output<typeof codeParameters>
