import { createHeap, type Heap } from './heap.ts'

/** A stretch of a unit's time. */
export interface Part {
  readonly ms: number
  /** Whether it takes one of the slots; waits take none. */
  readonly takesSlot: boolean
}

/** One unit of work of a graph. */
export interface Job {
  /** Places of the jobs that must end first. */
  readonly needs: readonly number[]
  /** One after the other. */
  readonly parts: readonly Part[]
  /** Units of one name of which at most `limit` are under way at once. */
  readonly group?: { readonly name: string; readonly limit: number } | undefined
}

interface Course {
  readonly jobs: readonly Job[]
  readonly slots: number
  /** Place of the next part of each job. */
  readonly next: number[]
  readonly needsLeft: number[]
  readonly dependents: readonly (readonly number[])[]
  /** Longest way from the beginning of each job to an end, ms. */
  readonly ranks: readonly number[]
  /** Parts under way, by when they end. */
  readonly running: Heap
  /** Jobs whose next part waits for a slot, the longest way first. */
  readonly ready: Heap
  readonly groups: Map<string, { active: number; readonly held: Heap }>
  taken: number
  now: number
}

/**
 * How long a graph takes on some slots, ms: whatever is ready begins when a slot is free, the
 * longest way to an end first, which is the order in which runs are driven.
 *
 * @remarks Jobs in a circle never begin and add nothing.
 * @param jobs - in any order.
 * @param slots - at least 1; may be infinite.
 */
export function schedule(jobs: readonly Job[], slots: number): number {
  const dependents = dependentsOf(jobs)
  const course: Course = {
    jobs,
    slots,
    next: jobs.map(() => 0),
    needsLeft: jobs.map(({ needs }) => needs.length),
    dependents,
    ranks: longestWays(jobs, dependents),
    running: createHeap(),
    ready: createHeap(),
    groups: new Map(),
    taken: 0,
    now: 0,
  }
  for (const [job, { needs }] of jobs.entries()) if (needs.length === 0) admit(course, job)
  fill(course)
  while (course.running.size > 0) {
    course.now = course.running.least ?? course.now
    endPart(course, course.running.pop() ?? 0)
    fill(course)
  }
  return course.now
}

/** Places of the jobs that need the one at the same place. */
export function dependentsOf(jobs: readonly Pick<Job, 'needs'>[]): readonly (readonly number[])[] {
  const dependents: number[][] = jobs.map(() => [])
  for (const [job, { needs }] of jobs.entries()) {
    for (const need of needs) dependents[need]?.push(job)
  }
  return dependents
}

/** For each job the longest way from its beginning to an end, ms. */
export function longestWays(
  jobs: readonly Job[],
  dependents: readonly (readonly number[])[],
): readonly number[] {
  const left = dependents.map(({ length }) => length)
  const ways = jobs.map(({ parts }) => parts.reduce((sum, { ms }) => sum + ms, 0))
  const own = [...ways]
  const ends = left.flatMap((count, job) => (count === 0 ? [job] : []))
  for (const job of ends) {
    for (const need of jobs[job]?.needs ?? []) {
      ways[need] = Math.max(ways[need] ?? 0, (own[need] ?? 0) + (ways[job] ?? 0))
      left[need] = (left[need] ?? 0) - 1
      if (left[need] === 0) ends.push(need)
    }
  }
  return ways
}

/** A job whose needs have ended begins, unless too many of its group are under way. */
function admit(course: Course, job: number): void {
  const { group } = course.jobs[job] ?? {}
  if (group !== undefined) {
    let state = course.groups.get(group.name)
    if (state === undefined) {
      state = { active: 0, held: createHeap() }
      course.groups.set(group.name, state)
    }
    if (state.active >= group.limit) {
      state.held.push(job, -(course.ranks[job] ?? 0))
      return
    }
    state.active += 1
  }
  beginPart(course, job)
}

function beginPart(course: Course, job: number): void {
  const part = course.jobs[job]?.parts[course.next[job] ?? 0]
  if (part === undefined) endJob(course, job)
  else if (part.takesSlot) course.ready.push(job, -(course.ranks[job] ?? 0))
  else course.running.push(job, course.now + part.ms)
}

function fill(course: Course): void {
  while (course.taken < course.slots && course.ready.size > 0) {
    const job = course.ready.pop() ?? 0
    course.taken += 1
    course.running.push(job, course.now + (course.jobs[job]?.parts[course.next[job] ?? 0]?.ms ?? 0))
  }
}

function endPart(course: Course, job: number): void {
  const place = course.next[job] ?? 0
  if (course.jobs[job]?.parts[place]?.takesSlot === true) course.taken -= 1
  course.next[job] = place + 1
  beginPart(course, job)
}

function endJob(course: Course, job: number): void {
  const state = course.groups.get(course.jobs[job]?.group?.name ?? '')
  if (state !== undefined) {
    state.active -= 1
    const held = state.held.pop()
    if (held !== undefined) {
      state.active += 1
      beginPart(course, held)
    }
  }
  for (const dependent of course.dependents[job] ?? []) {
    const left = (course.needsLeft[dependent] ?? 0) - 1
    course.needsLeft[dependent] = left
    if (left === 0) admit(course, dependent)
  }
}
