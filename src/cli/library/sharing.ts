import type { SharingLevel } from '../../client/index.ts'
import { formatFtns, parseFtns } from '../../kernel/money.ts'
import { didYouMean } from '../../kernel/nearest.ts'
import { parseReference, sharingLevel } from '../../library/index.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import type { ExitCode } from '../exit-codes.ts'

import { nameOf } from './name.ts'
import { changeWorkflow } from './output.ts'

/** Options of `prsm workflow share`. */
export interface ShareFlags {
  readonly with?: readonly string[]
  readonly price?: string
  readonly licence?: string
}

/** `prsm workflow share` */
export function shareWorkflow(
  context: Context,
  ...[text, level, flags]: readonly [string, string, ShareFlags]
): Promise<ExitCode> {
  const name = nameOf(text)
  const { with: tenants, price, licence } = flags
  const request = {
    level: parseLevel(level),
    ...(tenants !== undefined && { with: [...tenants] }),
    ...(price !== undefined && { price: parseFtns(price) }),
    ...(licence !== undefined && { licence }),
  }
  return changeWorkflow(
    context,
    ({ client }) => client.shareWorkflow(name, request),
    ({ name: shared, level: now, sharedWith = [], price: cost }) =>
      [
        `${shared} is ${now}`,
        ...(sharedWith.length === 0 ? [] : [` with ${sharedWith.join(', ')}`]),
        ...(cost === 0n ? [] : [` for ${formatFtns(cost)}`]),
      ].join(''),
  )
}

function parseLevel(text: string): SharingLevel {
  const parsed = sharingLevel.safeParse(text)
  if (parsed.success) return parsed.data
  const known = sharingLevel.options
  throw new UsageError(`nothing is shared as "${text}"${didYouMean(text, known)}`, {
    hint: `levels are ${known.join(', ')}`,
  })
}

/** `prsm workflow fork` */
export function forkWorkflow(
  context: Context,
  text: string,
  { as }: { readonly as?: string },
): Promise<ExitCode> {
  const { version, ...name } = parseReference(text)
  const request = {
    ...(as !== undefined && { name: as }),
    ...(version !== undefined && { version }),
  }
  return changeWorkflow(
    context,
    ({ client }) => client.forkWorkflow(name, request),
    (forked) => `${forked.name} is forked from ${forked.forkedFrom ?? ''}`,
  )
}

/** `prsm workflow buy` */
export function buyWorkflow(context: Context, text: string): Promise<ExitCode> {
  const name = nameOf(text)
  return changeWorkflow(
    context,
    ({ client }) => client.buyWorkflow(name),
    ({ tenant, name: bought, may }) => `${tenant}/${bought} is bought: you may ${may.join(', ')}`,
  )
}
