import { readFile } from 'node:fs/promises'

import { isErrno } from '../../kernel/errno.ts'
import type { Json, JsonObject } from '../../kernel/json.ts'
import { type RunView, type StepView } from '../../progress/index.ts'
import { type Session, withSession } from '../connection/session.ts'
import type { Context } from '../context.ts'
import { FileError, UsageError } from '../errors.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../look/find-run.ts'
import { loadView } from '../look/load-view.ts'

/** Options of `prsm signal`. */
export interface SignalFlags {
  readonly payload?: string
  readonly step?: string
  readonly index?: number
}

/** Options of `prsm approve` and `prsm reject`. */
export interface AnswerFlags {
  readonly comment?: string
  readonly index?: number
}

/** A signal to be sent. */
export interface SignalCall {
  readonly run: string
  readonly name: string
  readonly flags: SignalFlags
}

/** `prsm signal` */
export async function sendSignal(
  context: Context,
  { run: given, name, flags }: SignalCall,
): Promise<ExitCode> {
  const payload = await readPayload(flags.payload)
  return withSession(context, 'none', async (session) => {
    const run = await findRun(session.client, given)
    const { step, index } = flags
    return send(context, session, {
      run,
      letter: {
        signal: name,
        payload,
        ...(step !== undefined && { step }),
        ...(index !== undefined && { index }),
      },
    })
  })
}

/** An answer to a step that asks. */
export interface AnswerCall {
  readonly run: string
  readonly step: string | undefined
  readonly approved: boolean
  readonly flags: AnswerFlags
}

/** `prsm approve` and `prsm reject` */
export async function answer(
  context: Context,
  { run: given, step, approved, flags: { comment, index } }: AnswerCall,
): Promise<ExitCode> {
  return withSession(context, 'none', async (session) => {
    const run = await findRun(session.client, given)
    const { view } = await loadView(session, run)
    const asked = findAsking(view, step)
    const payload: JsonObject = { approved, ...(comment !== undefined && { comment }) }
    return send(context, session, {
      run,
      letter: {
        signal: 'approval',
        step: asked.name,
        payload,
        ...(index !== undefined && { index }),
      },
    })
  })
}

function findAsking(view: RunView, name: string | undefined): StepView {
  const asking = view.steps.filter(({ uses, units }) => uses === 'approval' && units.waiting > 0)
  const found = name === undefined ? asking : asking.filter((step) => step.name === name)
  const [only] = found
  if (only !== undefined && found.length === 1) return only
  const names = asking.map((step) => step.name).join(', ')
  if (asking.length === 0) {
    throw new UsageError(`no step of run ${view.id} asks for approval; it is ${view.status}`)
  }
  const problem = name === undefined ? 'several steps ask' : `step "${name}" does not ask`
  throw new UsageError(`${problem} for approval`, { hint: `name one of those that do: ${names}` })
}

interface Letter {
  readonly run: string
  readonly letter: Parameters<Session['client']['signal']>[1]
}

async function send(
  context: Context,
  { client, local }: Session,
  { run, letter }: Letter,
): Promise<ExitCode> {
  const { id, name, status } = await client.signal(run, letter)
  if (context.isJson) context.printJson({ id, name, status })
  else {
    context.print(`sent to ${id}`)
    if (local !== undefined) {
      context.note(`the process that runs it takes it up; if there is none: prsm resume ${id}`)
    }
  }
  return EXIT.done
}

/** A payload given as JSON; text that is none stands for itself. */
async function readPayload(given: string | undefined): Promise<Json> {
  if (given === undefined) return null
  const text = given.startsWith('@') ? await readText(given.slice(1)) : given
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch (fault) {
    if (fault instanceof SyntaxError) return text
    throw fault
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (fault) {
    if (isErrno(fault)) throw new FileError(path, fault)
    throw fault
  }
}
