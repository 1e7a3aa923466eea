import { deferred } from '../kernel/deferred.ts'

/**
 * Gives Node 20 `Promise.withResolvers`, which newer ones have.
 *
 * @remarks The Restate SDK calls it, and hangs without a word where it is missing.
 */
export function addPromiseWithResolvers(): void {
  if ('withResolvers' in Promise) return
  const value = deferred
  Object.defineProperty(Promise, 'withResolvers', { configurable: true, writable: true, value })
}
