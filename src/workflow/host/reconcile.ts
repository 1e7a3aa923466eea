import type { EngineState } from './engine-state.ts'

/**
 * Gives up what the database says is this worker's and the worker does not know.
 *
 * @remarks An answer of the database that is lost on the way leaves such runs and units: they were
 * claimed, and nobody drives them, for as long as this worker lives. What is being taken into memory
 * at this moment is not known yet either, so only what was unknown the last time as well is given up;
 * should it be on its way all the same, whoever comes second is fenced.
 */
export async function reconcile(engine: EngineState): Promise<void> {
  const { deps, worker, runs, served, unknown } = engine
  const ownRuns = await deps.store.listOwned(worker)
  const ownTasks = await deps.tasks.listOwned(worker)
  const before = new Set(unknown)
  unknown.clear()
  for (const id of ownRuns) {
    if (runs.has(id) || engine.strays.has(id)) continue
    if (before.has(id)) engine.strays.set(id, { worker, isLost: false })
    else unknown.add(id)
  }
  for (const task of ownTasks) {
    if (served.has(task.id)) continue
    if (before.has(task.id)) await deps.tasks.giveBack(task, worker, 'queued')
    else unknown.add(task.id)
  }
}
