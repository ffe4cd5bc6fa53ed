import type { ShoplakeError } from '../errors.ts'
import type { DedupWindow } from './dedup.ts'

/** The ids that one unfinished request has put into the window. */
export interface Flight {
  /** Of the request, milliseconds since 1970. */
  readonly received_at: number
  readonly hashes: string[]
  /** Made when somebody first asks: most requests end without. */
  members: Set<string> | undefined
  readonly waiters: ((error: ShoplakeError | undefined) => void)[]
}

export type Claim = 'new' | 'duplicate' | Flight

export interface FlightControl {
  begin(received_at: number): Flight
  /** Claims an id: new, a duplicate of something kept or of this very request, or held by another unfinished request. */
  claim(flight: Flight, idHash: string): Claim
  /** Resolves to the error of the other request if it fails. To be asked in the same turn as the claim: who has ended says nothing. */
  outcome(flight: Flight): Promise<ShoplakeError | undefined>
  /** Ends a flight; with an error its ids are forgotten, and who waits for them fails too. */
  end(flight: Flight, error: ShoplakeError | undefined): void
}

/**
 * Ids enter the window before their events are durable, so that two requests at once cannot both be new. A request that meets
 * an id of an unfinished one waits for that one's outcome: nobody is told "duplicate" of something that was not kept. A request
 * only waits for requests that claimed before it, so that no two wait for each other.
 */
export function createFlightControl(window: DedupWindow): FlightControl {
  const active = new Set<Flight>()
  return {
    begin: (received_at) => {
      const flight: Flight = { received_at, hashes: [], members: undefined, waiters: [] }
      active.add(flight)
      return flight
    },
    claim: (flight, idHash) => {
      if (window.add(idHash, flight.received_at)) {
        flight.hashes.push(idHash)
        flight.members?.add(idHash)
        return 'new'
      }
      for (const other of active) {
        if (holds(other, idHash)) return other === flight ? 'duplicate' : other
      }
      return 'duplicate'
    },
    outcome: (flight) =>
      active.has(flight)
        ? new Promise((resolve) => flight.waiters.push(resolve))
        : Promise.resolve(undefined),
    end: (flight, error) => {
      active.delete(flight)
      if (error) for (const idHash of flight.hashes) window.release(idHash)
      for (const waiter of flight.waiters) waiter(error)
    },
  }
}

function holds(flight: Flight, idHash: string): boolean {
  if (flight.hashes.length === 0) return false
  flight.members ??= new Set(flight.hashes)
  return flight.members.has(idHash)
}
