import { type Config, config } from '../../app/config.ts'
import { loadConfig } from '../../platform/config.ts'
import type { Context } from '../context.ts'

/** The settings file of a folder; it need not be there. */
export const CONFIG_FILE = 'prsm.config.yaml'

/** Settings of one command that are not options of every command. */
export interface MoreFlags {
  readonly host?: string | undefined
  readonly port?: string | undefined
  readonly slots?: string | undefined
  readonly labels?: string | undefined
  readonly cores?: string | undefined
  readonly memoryGb?: string | undefined
  readonly gpus?: string | undefined
}

/** The settings of a command: file, then environment, then options. */
export function readSettings(context: Context, more: MoreFlags = {}): Config {
  return loadConfig(config, sourcesOf(context, more))
}

/** The same for a process that runs for long, which tells more of what it does. */
export function readServiceSettings(context: Context, more: MoreFlags = {}): Config {
  const talkative = config.extend({ logLevel: config.shape.logLevel.default('info') })
  return loadConfig(talkative, sourcesOf(context, more))
}

function sourcesOf(
  { globals, terminal: { env } }: Context,
  more: MoreFlags,
): Parameters<typeof loadConfig>[1] {
  const { server, apiKey, dataDir, databaseUrl, tenant, logLevel } = globals
  const named = globals.config ?? env['PRSM_CONFIG']
  return {
    file:
      named === undefined
        ? { path: CONFIG_FILE, isOptional: true }
        : { path: named, isOptional: false },
    env,
    flags: { server, apiKey, dataDir, databaseUrl, tenant, logLevel, ...more },
  }
}
