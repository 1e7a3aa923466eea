import { withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { toJson } from '../text/json.ts'

import { change, plainTable } from './output.ts'

/** `prsm signers` */
export async function listSigners(context: Context): Promise<ExitCode> {
  const found = await withSession(context, 'none', ({ client }) => client.listSigners())
  if (context.isJson) context.printJson(found.map((each) => toJson(each)))
  else {
    context.print(
      ...plainTable(
        context,
        [{ title: 'SIGNER' }, { title: 'NAME', least: 12 }, { title: 'PUBLIC KEY' }],
        found.map(({ id, name, publicKey }) => [id, name, publicKey]),
      ),
    )
  }
  return EXIT.done
}

/** `prsm signers trust` */
export function trustSigner(
  context: Context,
  publicKey: string,
  { name = 'unnamed' }: { readonly name?: string },
): Promise<ExitCode> {
  return change(
    context,
    ({ client }) => client.trustSigner({ publicKey, name }),
    (signer) => `${signer.id} (${signer.name}) is trusted`,
  )
}

/** `prsm signers rm` */
export function distrustSigner(context: Context, id: string): Promise<ExitCode> {
  return change(
    context,
    ({ client }) => client.distrustSigner(id),
    (signer) => `${signer.id} (${signer.name}) is not trusted any more`,
  )
}
