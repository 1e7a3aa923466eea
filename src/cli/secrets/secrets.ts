import type { SecretRecord } from '../../client/index.ts'
import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'
import { renderTable } from '../text/table.ts'
import { relativeTime } from '../text/time.ts'

/** Options of `prsm secrets rotate`. */
export interface RotateFlags {
  readonly master?: boolean
}

/** `prsm secrets set` */
export async function setSecret(context: Context, name: string): Promise<ExitCode> {
  const value = await readValue(context, name)
  const secret = await withSession(context, 'none', ({ client }) =>
    client.setSecret({ name, value }),
  )
  if (context.isJson) context.printJson(toJson(secret))
  else {
    context.print(`${secret.name} is kept`)
    context.note(`steps name it as { $secret: ${secret.name} }; its value is not shown again`)
  }
  return EXIT.done
}

/** Never an argument: those are seen by everybody on the machine, and kept by shells. */
async function readValue({ terminal: { input } }: Context, name: string): Promise<string> {
  const text = input.isInteractive
    ? await input.readHidden(`Value of ${name} (not shown): `)
    : await input.readText()
  const value = text.replace(/\r?\n$/, '')
  if (value !== '') return value
  throw new UsageError(`there is no value for "${name}"`, {
    hint: `type it, or write: printf %s "$VALUE" | prsm secrets set ${name}`,
  })
}

/** `prsm secrets ls` */
export async function listSecrets(context: Context): Promise<ExitCode> {
  const secrets = await withSession(context, 'none', async ({ client }) => {
    const found: SecretRecord[] = []
    for await (const secret of client.listSecrets({ limit: 200 })) found.push(secret)
    return found
  })
  if (context.isJson) context.printJson(secrets.map((secret) => toJson(secret)))
  else if (secrets.length === 0) {
    context.note('there is no secret yet: prsm secrets set NAME keeps one')
  } else context.print(...tableOf(context, secrets))
  return EXIT.done
}

function tableOf(
  { clock, paint, glyphs }: Context,
  secrets: readonly SecretRecord[],
): readonly string[] {
  const now = clock.now()
  return renderTable({
    columns: [{ title: 'SECRET' }, { title: 'CHANGED' }, { title: 'KEY' }],
    rows: secrets.map(({ name, changedAt, key }) => [
      { text: name },
      { text: relativeTime(changedAt, now) },
      { text: key, paint: paint.dim },
    ]),
    width: 1_000,
    paintTitle: paint.dim,
    ellipsis: glyphs.ellipsis,
  })
}

/** `prsm secrets rm` */
export async function removeSecret(context: Context, name: string): Promise<ExitCode> {
  const secret = await withSession(context, 'none', ({ client }) => client.removeSecret(name))
  if (context.isJson) context.printJson(toJson(secret))
  else context.print(`${secret.name} is forgotten`)
  return EXIT.done
}

/** `prsm secrets rotate` */
export async function rotateSecrets(context: Context, flags: RotateFlags): Promise<ExitCode> {
  if (flags.master === true) return rotateMaster(context)
  const done = await withSession(context, 'none', ({ client }) => client.rotateSecrets())
  if (context.isJson) context.printJson(toJson(done))
  else {
    const what = done.isNew ? 'a new key' : 'the key of a rotation that was cut off'
    context.print(`${done.rewrapped} secrets lie under ${what} now, ${done.key}`)
  }
  return EXIT.done
}

async function rotateMaster(context: Context): Promise<ExitCode> {
  const { done, where } = await withSession(context, 'none', async ({ local }) => {
    if (local === undefined) {
      throw new UsageError('the master key is where the database is, not behind a server', {
        hint: 'run this without --server and PRSM_SERVER on the machine that has the master key',
      })
    }
    const { vault } = local.platform
    const rotated = await vault.rotateMaster()
    return { done: rotated, where: (await vault.examine()).where }
  })
  if (context.isJson) context.printJson({ ...done, where })
  else {
    context.print(`${done.rewrapped} keys are wrapped by the master key ${done.master} now`)
    context.note(
      `it is in ${where}, before the older ones; copy it to every machine that works on this database. Older ones are needed for copies of the database made before today`,
    )
  }
  return EXIT.done
}
