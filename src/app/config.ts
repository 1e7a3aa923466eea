import { z } from 'zod'

import { circuitSettings } from '../kernel/breakers.ts'
import { parseFtns } from '../kernel/money.ts'
import { providerConfig } from '../models/index.ts'
import { LOG_LEVELS } from '../platform/log.ts'
import { priceList } from '../pricing/index.ts'
import { label } from '../workflow/index.ts'

const url = z
  .string()
  .regex(/^https?:\/\/\S+[^/\s]$/, 'write http://host:port, without a slash at the end')
const amount = z.string().max(40).refine(isAmount, 'write FTNS, such as "1000 FTNS"')

/** Every setting of PRSM, its bounds and its default. */
export const config = z
  .strictObject({
    dataDir: z
      .string()
      .min(1)
      .default('.prsm')
      .describe('Folder of the embedded database, runs and artifacts'),
    databaseUrl: z
      .string()
      .regex(/^postgres(?:ql)?:\/\//, 'write postgres://user:password@host:port/database')
      .optional()
      .describe('PostgreSQL to use instead of the embedded one'),
    durability: z
      .enum(['strict', 'relaxed'])
      .default('strict')
      .describe(
        '`strict`: what is acknowledged is on disk. `relaxed`: a crash of the database may lose the last 0.6 s',
      ),
    tenant: z
      .string()
      .regex(/^[a-z0-9_-]{1,64}$/)
      .default('default')
      .describe('Whose work the command line does'),
    welcomeGrant: amount.default('1000 FTNS').describe('Credit a new tenant starts with'),
    server: z
      .string()
      .regex(/^https?:\/\/\S+$/, 'write http://host:port')
      .optional()
      .describe('PRSM server that commands talk to, instead of working in their own process'),
    apiKey: z.string().min(1).max(200).optional().describe('Key for that server: `prsm_…`'),
    leastBudget: amount
      .default('5 FTNS')
      .describe('Least budget of a run that costs something, when nothing says what it may cost'),
    host: z.string().min(1).default('127.0.0.1').describe('Address the server listens on'),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(7077)
      .describe('Port the server listens on; 0: any free one'),
    logLevel: z.enum(LOG_LEVELS).default('warn').describe('How much is logged to standard error'),
    slots: z.int().min(1).max(100_000).default(1_024).describe('Steps a worker runs at once'),
    maxRuns: z.int().min(1).max(100_000).default(2_000).describe('Runs a worker drives at once'),
    labels: z
      .array(label)
      .max(100)
      .default([])
      .describe('Labels of this worker, which steps ask for with `runsOn`'),
    servedModels: z
      .array(z.string().min(1).max(200))
      .max(100)
      .default([])
      .describe('Models that queued steps may use here; any if none is named'),
    cores: z
      .number()
      .min(0)
      .max(1_024)
      .optional()
      .describe('Cores this worker offers to queued steps; all of the machine if absent'),
    memoryGb: z
      .number()
      .min(0)
      .max(65_536)
      .optional()
      .describe('Memory it offers, GiB; all of the machine if absent'),
    gpus: z.number().min(0).max(1_024).default(0).describe('GPUs it offers'),
    storageGb: z
      .number()
      .min(0)
      .max(1e6)
      .optional()
      .describe('Disk it offers, GiB; what is free in the data directory if absent'),
    networkMbps: z.number().min(0).max(1e6).default(0).describe('Bandwidth it offers, Mbit/s'),
    oversubscription: z
      .number()
      .min(1)
      .max(10)
      .default(1)
      .describe('How many times over its cores, memory and bandwidth are promised'),
    leaseMs: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .default(15_000)
      .describe('How long a silent worker keeps its runs, milliseconds'),
    keepRunsDays: z
      .int()
      .min(0)
      .max(36_500)
      .default(90)
      .describe('How long ended runs and their history are kept, days; 0: for ever'),
    keepTextHours: z
      .int()
      .min(0)
      .max(876_000)
      .default(24)
      .describe(
        'How long the text that steps show while they work is kept after their run has ended, hours; 0: none is shown',
      ),
    workflowHost: z
      .enum(['postgres', 'restate'])
      .default('postgres')
      .describe('What drives runs: workers by way of PostgreSQL, or a Restate server'),
    restateUrl: url
      .default('http://127.0.0.1:8080')
      .describe('Where the Restate server takes calls (ingress)'),
    restateAdminUrl: url
      .default('http://127.0.0.1:9070')
      .describe('Where the Restate server is administered'),
    restateHost: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('Address on which a worker listens for Restate'),
    restatePort: z
      .int()
      .min(0)
      .max(65_535)
      .default(9080)
      .describe('Port on which a worker listens for Restate; 0: any free one'),
    restateServiceUrl: url
      .optional()
      .describe('Where Restate finds the workers, such as a load balancer before several of them'),
    restateIdentityKey: z
      .string()
      .regex(/^publickeyv1_[A-Za-z0-9]+$/, 'write publickeyv1_…')
      .optional()
      .describe('Public key of the Restate server; a worker then takes calls of nobody else'),
    model: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Model of steps that name none: `provider:model`'),
    providers: z
      .array(providerConfig)
      .max(100)
      .default([])
      .describe('Model providers beside OpenAI, Anthropic and Google'),
    codeRoots: z
      .array(z.string().min(1).max(4_096))
      .max(100)
      .default([])
      .describe('Folders whose modules `code` steps may call. The command line may call any'),
    inputRoots: z
      .array(z.string().min(1).max(4_096))
      .max(100)
      .default([])
      .describe('Folders that inputs sent over HTTP may name. The command line may name any'),
    masterKeys: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z0-9+/]{43}=$/, 'write 32 bytes in base64: openssl rand -base64 32'),
      )
      .max(10)
      .default([])
      .describe(
        'Keys that wrap the keys of tenants, the one in use first; if none is given, they lie in the file `master.key` of the data directory',
      ),
    httpAllowPrivate: z
      .array(z.string().min(1).max(200))
      .max(1_000)
      .default([])
      .describe(
        'Private hosts, `host:port`, `*.suffix` or address ranges that `http` steps may call',
      ),
    breakerWindowMs: circuitSettings.shape.windowMs,
    breakerLeastCalls: circuitSettings.shape.leastCalls,
    breakerFaultShare: circuitSettings.shape.faultShare,
    breakerOpenMs: circuitSettings.shape.openMs,
    breakerTrials: circuitSettings.shape.trials,
    libraryWorkflows: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(1_000)
      .describe('Saved workflows a tenant may have'),
    libraryVersions: z
      .int()
      .min(0)
      .max(100_000_000)
      .default(10_000)
      .describe('Versions of saved workflows a tenant may have'),
    libraryBytes: z
      .int()
      .min(0)
      .max(1_000_000_000_000)
      .default(256_000_000)
      .describe('Bytes that all these versions may take'),
    prices: priceList.optional().describe('What models and processor time cost'),
  })
  .meta({ id: 'Config' })

/** The settings of a process, read once at start. */
export type Config = z.output<typeof config>

function isAmount(text: string): boolean {
  try {
    return parseFtns(text) >= 0n
  } catch {
    return false
  }
}
