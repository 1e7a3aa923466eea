import { existsSync } from 'node:fs'

import type { Client } from '../../client/index.ts'
import { PlatformError } from '../../kernel/errors.ts'
import type { Json } from '../../kernel/json.ts'
import { formatFtns } from '../../kernel/money.ts'
import { createRestateServer } from '../../workflow/index.ts'
import { engineText } from '../connection/engine-text.ts'
import { type Session, withSession } from '../connection/session.ts'
import { CONFIG_FILE, readSettings } from '../connection/settings.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { countLiveWorkers } from '../run/workers-sql.ts'
import { wrap } from '../text/width.ts'

import { examineBreakers } from './breakers.ts'
import { type Finding, good, worse } from './finding.ts'
import { examineDataDir, examineNode } from './machine.ts'
import { examineVault } from './vault.ts'

/** `prsm doctor`: whether everything is there, and what to do about what is not. */
export async function examine(context: Context): Promise<ExitCode> {
  const findings: Finding[] = []
  const tell = (finding: Finding): void => {
    findings.push(finding)
    if (!context.isJson) context.print(...toLines(context, finding))
  }
  tell(examineNode(process.versions.node))
  await examineRest(context, tell)
  const isWell = findings.every(({ state }) => state !== 'fail')
  if (context.isJson) {
    const list = findings.map((finding): Json => JSON.parse(JSON.stringify(finding)))
    context.printJson({ ok: isWell, findings: list })
  }
  return isWell ? EXIT.done : EXIT.failed
}

async function examineRest(context: Context, tell: (finding: Finding) => void): Promise<void> {
  try {
    const settings = readSettings(context)
    tell(good('settings', whereSettings(context)))
    if (settings.server === undefined) tell(await examineDataDir(settings.dataDir))
  } catch (fault) {
    tell(failed('settings', fault))
    return
  }
  try {
    await withSession(context, 'none', async (session) => {
      tell(
        session.local === undefined
          ? await examineServer(session)
          : await examineDatabase(context, session),
      )
      const { settings } = session
      if (settings.server === undefined && settings.workflowHost === 'restate')
        tell(await examineRestate(settings))
      if (session.local !== undefined) tell(await examineVault(session.local.platform))
      tell(await examineModels(session.client))
      tell(await examineBreakers(session.client))
      tell(await examineWallet(session.client))
    })
  } catch (fault) {
    tell(failed('database', fault))
  }
}

function whereSettings({ globals, terminal: { env } }: Context): string {
  const file = globals.config ?? env['PRSM_CONFIG'] ?? CONFIG_FILE
  return existsSync(file) ? file : `defaults; there is no ${CONFIG_FILE}`
}

async function examineDatabase(context: Context, { local }: Session): Promise<Finding> {
  const { engine, database } = local?.platform.database ?? {}
  if (engine === undefined || database === undefined) throw new TypeError('no platform is open')
  const before = context.clock.now()
  const workers = await countLiveWorkers(database)
  const took = context.clock.now() - before
  const text = `${engineText(engine)}, answers in ${took} ms, ${workers} worker${workers === 1 ? '' : 's'}`
  return good('database', text)
}

async function examineRestate({
  restateUrl: ingressUrl,
  restateAdminUrl: adminUrl,
}: Session['settings']): Promise<Finding> {
  const server = createRestateServer({ ingressUrl, adminUrl })
  try {
    const { version, workersAt } = await server.examine()
    const text = `${version} at ${ingressUrl}`
    return workersAt === undefined
      ? worse(
          'restate',
          `${text}; it knows of no worker`,
          'prsm worker or prsm serve makes one known',
        )
      : good('restate', `${text}, reaches workers at ${workersAt}`)
  } catch (fault) {
    return failed('restate', fault)
  }
}

async function examineServer({ client, settings }: Session): Promise<Finding> {
  const { version } = await client.ready()
  return good('server', `PRSM ${version} at ${settings.server ?? ''}`)
}

async function examineModels(client: Client): Promise<Finding> {
  const { items, default: chosen, notice } = await client.models()
  const ready = items.filter(({ isReady }) => isReady).map(({ name }) => name)
  const text = `${chosen} by default; ready: ${ready.join(', ')}`
  return notice === undefined
    ? good('models', text)
    : worse(
        'models',
        text,
        'set OPENAI_API_KEY, ANTHROPIC_API_KEY or GOOGLE_GENERATIVE_AI_API_KEY for answers in prose',
      )
}

async function examineWallet(client: Client): Promise<Finding> {
  const { available, held } = await client.wallet()
  const text = `${formatFtns(available)} free, ${formatFtns(held)} set aside for runs`
  return available > 0n ? good('wallet', text) : worse('wallet', text, 'nothing is left to spend')
}

/** A check that failed for a reason we know; anything else is a fault of ours. */
function failed(check: string, fault: unknown): Finding {
  if (!(fault instanceof PlatformError)) throw fault
  return { check, state: 'fail', text: fault.message, hint: fault.hint }
}

/** Where what was found stands, below the name of the check. */
const INDENT = ' '.repeat(17)

function toLines(
  { paint, glyphs, terminal: { out } }: Context,
  { check, state, text, hint }: Finding,
): readonly string[] {
  const room = out.isInteractive ? Math.max(20, out.columns - INDENT.length) : 1_000
  const sign = {
    ok: paint.green(glyphs.ok),
    warn: paint.yellow(glyphs.warn),
    fail: paint.red(glyphs.fail),
  }[state]
  const [first = '', ...rest] = wrap(text, room)
  const hints = hint === undefined ? [] : wrap(hint, room)
  return [
    `${sign} ${check.padEnd(14)} ${first}`,
    ...rest.map((line) => INDENT + line),
    ...hints.map((line) => INDENT + paint.dim(line)),
  ]
}
