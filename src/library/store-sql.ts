import type { Database } from '../platform/sql/database.ts'
import type { Sql } from '../platform/sql/statements.ts'
import { runState } from '../workflow/index.ts'

import type { Kept } from './quotas.ts'
import {
  type FullVersionRow,
  LIBRARY_SQL,
  toFoundVersion,
  toFullVersion,
  toWorkflow,
  type VersionRow,
  type WorkflowRow,
} from './rows-sql.ts'
import type { RunCount } from './status.ts'
import type {
  FoundVersion,
  FoundWorkflow,
  LibraryStore,
  NewVersion,
  RunPin,
  Shelf,
  WorkflowKey,
  WorkflowRange,
  WorkflowRecord,
} from './store.ts'

/** Saved workflows in PostgreSQL. */
export function createSqlLibraryStore(database: Database): LibraryStore {
  return {
    change: (tenant, work) =>
      database.transaction(async (sql) => {
        await sql.query({ text: LIBRARY_SQL.lockTenant, values: [tenant] })
        return work(shelfOf(sql, tenant))
      }),
    find: (viewer, key) => findWorkflow(database, viewer.tenant, key),
    list: (range) => listWorkflows(database, range),
    findVersion: (key, version) => findVersion(database, key, version),
    listVersions: (key) => listVersions(database, key),
    countRuns: (tenant, keys) => countRuns(database, tenant, keys),
    async listLiveRuns(tenant, key) {
      const values = [tenant, key.tenant, key.name]
      const rows = await database.query<{ id: string; version: number | null }>({
        text: LIBRARY_SQL.listLiveRuns,
        values,
      })
      return rows.map(({ id, version }) => ({ run: id, version: version ?? undefined }))
    },
    kept: (tenant) => kept(database, tenant),
    async pin({ run, tenant, name, version }) {
      await database.query({ text: LIBRARY_SQL.pin, values: [run, tenant, name, version] })
    },
    async findPin(tenant, run) {
      const [row] = await database.query<RunPin>({
        text: LIBRARY_SQL.findPin,
        values: [tenant, run],
      })
      return row
    },
  }
}

function shelfOf(sql: Sql, tenant: string): Shelf {
  return {
    find: (name) => findWorkflow(sql, tenant, { tenant, name }),
    async put(record) {
      await sql.query({ text: LIBRARY_SQL.put, values: workflowValues(record) })
    },
    async remove(name) {
      for (const text of [LIBRARY_SQL.forgetPins, LIBRARY_SQL.forgetPurchases, LIBRARY_SQL.remove])
        await sql.query({ text, values: [tenant, name] })
    },
    async addVersion(name, version) {
      const values = [tenant, name, ...versionValues(version)]
      await sql.query({ text: LIBRARY_SQL.addVersion, values })
    },
    findVersion: (name, version) => findVersion(sql, { tenant, name }, version),
    listVersions: (name) => listVersions(sql, { tenant, name }),
    async removeVersions(name, versions) {
      await sql.query({ text: LIBRARY_SQL.removeVersions, values: [tenant, name, versions] })
    },
    async putTag(name, tag, version) {
      await sql.query({ text: LIBRARY_SQL.putTag, values: [tenant, name, tag, version] })
    },
    async removeTag(name, tag) {
      const gone = await sql.query({ text: LIBRARY_SQL.removeTag, values: [tenant, name, tag] })
      return gone.length > 0
    },
    kept: () => kept(sql, tenant),
  }
}

function workflowValues(record: WorkflowRecord): readonly unknown[] {
  return [
    record.tenant,
    record.name,
    record.owner,
    record.description ?? null,
    record.level,
    record.sharedWith,
    record.head,
    record.price,
    record.licence ?? null,
    record.forkedFrom ?? null,
    record.createdAt,
    record.updatedAt,
    record.archivedAt ?? null,
  ]
}

function versionValues(version: NewVersion): readonly unknown[] {
  return [
    version.version,
    version.hash,
    version.author,
    version.message,
    version.at,
    version.parent ?? null,
    version.sizeBytes,
    version.isDraft,
    JSON.stringify(version.problems),
    JSON.stringify(version.definition),
  ]
}

async function findWorkflow(
  sql: Sql,
  viewer: string,
  { tenant, name }: WorkflowKey,
): Promise<FoundWorkflow | undefined> {
  const values = [viewer, tenant, name]
  const [row] = await sql.query<WorkflowRow>({ text: LIBRARY_SQL.find, values })
  return row && toWorkflow(row)
}

async function listWorkflows(
  sql: Sql,
  { viewer, includesOthers, after, limit }: WorkflowRange,
): Promise<readonly FoundWorkflow[]> {
  const place = [after?.tenant ?? '', after?.name ?? '']
  const values = [viewer.tenant, viewer.id, viewer.isAdmin, includesOthers, ...place, limit]
  const rows = await sql.query<WorkflowRow>({ text: LIBRARY_SQL.list, values })
  return rows.map(toWorkflow)
}

async function findVersion(
  sql: Sql,
  { tenant, name }: WorkflowKey,
  version: number,
): Promise<NewVersion | undefined> {
  const values = [tenant, name, version]
  const [row] = await sql.query<FullVersionRow>({ text: LIBRARY_SQL.findVersion, values })
  return row && toFullVersion(row)
}

async function listVersions(
  sql: Sql,
  { tenant, name }: WorkflowKey,
): Promise<readonly FoundVersion[]> {
  const values = [tenant, name]
  const rows = await sql.query<VersionRow>({ text: LIBRARY_SQL.listVersions, values })
  return rows.map(toFoundVersion)
}

interface KeptRow {
  readonly workflows: bigint
  readonly versions: bigint
  readonly size_bytes: bigint
}

async function kept(sql: Sql, tenant: string): Promise<Kept> {
  const [row] = await sql.query<KeptRow>({ text: LIBRARY_SQL.kept, values: [tenant] })
  return {
    workflows: Number(row?.workflows ?? 0),
    versions: Number(row?.versions ?? 0),
    sizeBytes: Number(row?.size_bytes ?? 0),
  }
}

interface CountRow extends WorkflowKey {
  readonly status: string
  readonly count: bigint
  readonly newest: string
}

async function countRuns(
  sql: Sql,
  tenant: string,
  keys: readonly WorkflowKey[],
): Promise<ReadonlyMap<string, readonly RunCount[]>> {
  const values = [tenant, keys.map((key) => key.tenant), keys.map(({ name }) => name)]
  const rows = await sql.query<CountRow>({ text: LIBRARY_SQL.countRuns, values })
  const counts = new Map<string, RunCount[]>()
  for (const { tenant: owner, name, status, count, newest } of rows) {
    const key = `${owner}/${name}`
    const counted = { state: runState.parse(status), count: Number(count), newest }
    counts.set(key, [...(counts.get(key) ?? []), counted])
  }
  return counts
}
