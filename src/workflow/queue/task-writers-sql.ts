import type { Sender } from '../../platform/sql/group-commit.ts'

import { QUEUE_SQL } from './rows-sql.ts'
import type { NewTask } from './task.ts'
import { levelOf } from './urgency.ts'

/** Puts steps into the queue. */
export const taskWriter: Sender<NewTask> = {
  name: 'tasks',
  send(sql, tasks) {
    void sql.query({ name: 'tasks-insert', text: QUEUE_SQL.insert, values: insertValues(tasks) })
  },
}

/** A queued step that is not wanted any more. */
export interface TaskRecall {
  readonly task: string
  readonly at: number
}

/** Ends steps that wait, and asks workers to stop those that run. */
export const recallWriter: Sender<TaskRecall> = {
  name: 'task-recalls',
  send(sql, recalls) {
    const at = recalls.reduce((latest, each) => Math.max(latest, each.at), 0)
    const ids = recalls.map(({ task }) => task)
    void sql.query({ name: 'tasks-recall', text: QUEUE_SQL.recall, values: [ids, at] })
  },
}

function insertValues(tasks: readonly NewTask[]): readonly unknown[] {
  return [
    tasks.map(({ id }) => id),
    tasks.map(({ run }) => run),
    tasks.map(({ step }) => step),
    tasks.map(({ index }) => index ?? null),
    tasks.map(({ attempt }) => attempt),
    tasks.map(({ tenant }) => tenant),
    tasks.map(({ team }) => team),
    tasks.map(({ priority }) => levelOf(priority)),
    tasks.map(({ key }) => key),
    tasks.map(({ labels }) => JSON.stringify(labels)),
    tasks.map(({ needs }) => JSON.stringify(needs)),
    tasks.map(({ isPreemptible }) => isPreemptible),
    tasks.map(({ expectedMs }) => expectedMs ?? null),
    tasks.map(({ body }) => JSON.stringify(body)),
    tasks.map(({ createdAt }) => createdAt),
  ]
}
