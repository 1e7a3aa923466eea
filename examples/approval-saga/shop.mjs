/** A shop that writes down what it does, in the folder of the run; nothing leaves this machine. */
import { appendFile } from 'node:fs/promises'

const note = (text) => appendFile('shop.log', `${text}\n`)

export async function reserve({ item }, { idempotencyKey }) {
  await note(`reserve ${item}`)
  return { item, reservation: idempotencyKey }
}

export async function release({ item }) {
  await note(`release ${item}`)
}

export async function bookCourier({ item }) {
  await note(`book a courier for ${item}`)
  return { item }
}

export async function cancelCourier({ item }) {
  await note(`cancel the courier for ${item}`)
}

export async function charge({ price }) {
  await note(`charge ${price}`)
  return { charged: price }
}

export async function ship({ item }) {
  await note(`ship ${item}`)
  return `one ${item} is on its way`
}
