import type { Client, LimitRecord, Resource, ShareRecord } from '../../client/index.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { RESOURCES, resource as resourceSchema } from '../../workflow/queue/schema.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'

import { type LimitFlags, type ShareFlags, tableOf } from './queue.ts'

/** `prsm queue limit`: shows the limits, or sets one first. */
export async function limit(
  context: Context,
  [resource, amount, ...rest]: readonly string[],
  flags: LimitFlags,
): Promise<ExitCode> {
  if (rest.length > 0)
    throw new UsageError(`"${rest.join(' ')}" is too much: name a resource and a number`)
  if (resource !== undefined && amount === undefined) {
    throw new UsageError('say how much may be used at once', {
      hint: `prsm queue limit ${resource} 4, or "none" to take the limit away`,
    })
  }
  const parsed = resource === undefined ? undefined : parseResource(resource)
  const most = amount === undefined ? undefined : parseAmount(amount)
  const limits = await withSession(context, 'none', ({ client, settings }) =>
    parsed === undefined || most === undefined
      ? client.listLimits()
      : client.setLimit({ resource: parsed, amount: most, ...scopeOf(flags, settings.tenant) }),
  )
  showLimits(context, limits)
  return EXIT.done
}

/** A team is one of the tenant of the command, unless another is named. */
function scopeOf(
  { for: tenant, team }: LimitFlags,
  own: string,
): Pick<Parameters<Client['setLimit']>[0], 'tenant' | 'team'> {
  if (team !== undefined) return { tenant: tenant ?? own, team }
  return tenant === undefined ? {} : { tenant }
}

function parseResource(text: string): Resource {
  const parsed = resourceSchema.safeParse(text)
  if (parsed.success) return parsed.data
  throw new UsageError(`there is no resource "${text}"${didYouMean(text, RESOURCES)}`, {
    hint: `resources are ${RESOURCES.join(', ')}`,
  })
}

function parseAmount(text: string): number | null {
  if (text === 'none') return null
  const amount = Number(text)
  if (text.trim() !== '' && amount >= 0 && amount <= 1e12) return amount
  throw new UsageError(`"${text}" is no amount`, { hint: 'write a number from 0, or "none"' })
}

function showLimits(context: Context, limits: readonly LimitRecord[]): void {
  if (context.isJson) context.printJson(limits.map((each) => toJson(each)))
  else if (limits.length === 0) context.note('nothing is limited but by what the workers have')
  else {
    const rows = limits.map(({ resource, tenant = 'all together', team = '', amount }) => [
      { text: resource },
      { text: team === '' ? tenant : `${tenant}/${team}` },
      { text: String(amount) },
    ])
    const columns = [
      { title: 'RESOURCE' },
      { title: 'WHOSE' },
      { title: 'AT ONCE', align: 'right' },
    ] as const
    context.print(...tableOf(context, rows, columns))
  }
}

/** `prsm queue share`: shows the shares, or sets one first. */
export async function share(
  context: Context,
  weight: string | undefined,
  flags: ShareFlags,
): Promise<ExitCode> {
  const parsed = weight === undefined ? undefined : parseWeight(weight)
  const shares = await withSession(context, 'none', (session) =>
    parsed === undefined ? session.client.listShares() : setShare(session, parsed, flags),
  )
  showShares(context, shares)
  return EXIT.done
}

function setShare(
  { client, settings }: Session,
  weight: number,
  { for: tenant = settings.tenant, team }: ShareFlags,
): Promise<readonly ShareRecord[]> {
  return client.setShare({ tenant, weight, ...(team !== undefined && { team }) })
}

function parseWeight(text: string): number {
  const weight = Number(text)
  if (weight >= 0.001 && weight <= 1_000) return weight
  throw new UsageError(`"${text}" is no weight`, { hint: 'write a number from 0.001 to 1000' })
}

function showShares(context: Context, shares: readonly ShareRecord[]): void {
  if (context.isJson) context.printJson(shares.map((each) => toJson(each)))
  else if (shares.length === 0) context.note('everybody is due the same')
  else {
    const rows = shares.map(({ tenant, team = '', weight }) => [
      { text: team === '' ? tenant : `${tenant}/${team}` },
      { text: String(weight) },
    ])
    context.print(
      ...tableOf(context, rows, [{ title: 'WHOSE' }, { title: 'WEIGHT', align: 'right' }]),
    )
  }
}
