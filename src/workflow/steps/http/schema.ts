import { z } from 'zod'

/** RFC 9110 section 5.6.2: a token. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/
/** RFC 9110 section 5.5, so no line break can begin another header. */
const HEADER_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/
/** They frame the message or name the host, so they are the platform's to set. */
const RESERVED =
  /^(?:host|connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*)$/i

const status = z.int().min(100).max(599)
const queryValue = z.union([z.string().max(8_000), z.number(), z.boolean()])

/** What an `http` step is given. */
export const httpParameters = z
  .strictObject({
    url: z.string().min(1).max(8_000).describe('http or https, without user name and password'),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
    headers: z
      .record(
        z
          .string()
          .regex(HEADER_NAME, 'is no name of a header')
          .refine((name) => !RESERVED.test(name), 'is set by the platform'),
        z.string().max(8_000).regex(HEADER_VALUE, 'holds a character that headers cannot'),
      )
      .default({})
      .describe('Values may be secrets'),
    query: z
      .record(z.string().max(200), z.union([queryValue, z.array(queryValue).max(1_000)]))
      .optional()
      .describe('Added to the URL; a list becomes several of the same name'),
    body: z.json().optional().describe('A text as it is, everything else as JSON'),
    timeoutMs: z
      .int()
      .min(1)
      .max(600_000)
      .default(30_000)
      .describe('For the whole response, milliseconds'),
    expectStatus: z
      .union([status, z.array(status).min(1).max(50)])
      .optional()
      .describe('Statuses that are no failure; by default 200 to 299'),
    maxBytes: z
      .int()
      .min(1)
      .max(100_000_000)
      .default(5_000_000)
      .describe('Largest body, decompressed'),
    parse: z
      .enum(['auto', 'json', 'text', 'base64'])
      .default('auto')
      .describe('What the body becomes; `auto` goes by its media type'),
    followRedirects: z.int().min(0).max(5).default(5).describe('Redirects followed at most'),
  })
  .refine(
    ({ method, body }) => body === undefined || (method !== 'GET' && method !== 'HEAD'),
    'GET and HEAD have no body',
  )
export type HttpParameters = z.output<typeof httpParameters>

/** What an `http` step gives. */
export const httpResult = z.strictObject({
  status,
  headers: z.record(z.string(), z.string()).describe('Names in lower case'),
  body: z.json().describe('JSON, a text, or base64; null when there is none'),
})
