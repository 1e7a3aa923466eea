import type { Seat } from './seat.ts'

/** Runs in the memory of a worker, by id; what has not been used for longest goes first. */
export interface Seats {
  /** The seat at which this turn was the last; nobody else gets it until it is put back. */
  take(run: string, mark: string): Seat | undefined
  /** The seat of a run, to read what is settled for good. */
  peek(run: string): Seat | undefined
  put(seat: Seat): void
  drop(run: string): void
}

/** Builds room for `limit` runs. */
export function createSeats(limit: number): Seats {
  const seats = new Map<string, Seat>()
  return {
    take(run, mark) {
      const seat = seats.get(run)
      if (seat === undefined || seat.isTaken || seat.mark !== mark) return undefined
      seat.isTaken = true
      return seat
    },
    peek: (run) => seats.get(run),
    put(seat) {
      seat.isTaken = false
      seats.delete(seat.run.id)
      seats.set(seat.run.id, seat)
      const [oldest] = seats.keys()
      if (seats.size > limit && oldest !== undefined) seats.delete(oldest)
    },
    drop: (run) => void seats.delete(run),
  }
}
