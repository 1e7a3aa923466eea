/** A shop of two items: `lamp` is shipped, `piano` is too large. It writes down what it does. */
import { appendFile } from 'node:fs/promises'

const note = (text) => appendFile('shop.log', `${text}\n`)

export async function reserve({ item }, { idempotencyKey }) {
  await note(`reserve ${item}`)
  return { item, reservation: idempotencyKey }
}

export async function release({ item }) {
  await note(`release ${item}`)
  return null
}

/** The till is busy at the first try; an error with `isTransient` is tried again. */
export async function charge({ item }, { attempt }) {
  await note(`charge ${item}, try ${attempt}`)
  if (attempt === 1) throw Object.assign(new Error('the till is busy'), { isTransient: true })
  return { item, paid: true }
}

export async function refund({ item }) {
  await note(`refund ${item}`)
  return null
}

export async function ship({ item }) {
  if (item === 'piano') throw new Error('a piano does not fit into the van')
  await note(`ship ${item}`)
  return { item, shipped: true }
}
