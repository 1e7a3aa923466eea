import type { Database } from '../../platform/sql/database.ts'

import { TEMPLATE_SQL, type TemplateRow, toTemplate } from './rows-sql.ts'
import type { TemplateRecord, TemplateStore } from './store.ts'

/** Templates in PostgreSQL; their uses are written with the payments. */
export function createSqlTemplateStore(database: Database): TemplateStore {
  return {
    async find({ tenant, name }) {
      const values = [tenant, name]
      const [row] = await database.query<TemplateRow>({ text: TEMPLATE_SQL.find, values })
      return row && toTemplate(row)
    },
    async list(tenant) {
      const rows = await database.query<TemplateRow>({ text: TEMPLATE_SQL.list, values: [tenant] })
      return rows.map(toTemplate)
    },
    async put(record) {
      await database.query({ text: TEMPLATE_SQL.put, values: valuesOf(record) })
    },
    async add(record) {
      const values = valuesOf(record)
      return (await database.query({ text: TEMPLATE_SQL.add, values })).length > 0
    },
    async remove({ tenant, name }) {
      await database.query({ text: TEMPLATE_SQL.remove, values: [tenant, name] })
    },
    async fame() {
      const rows = await database.query<FameRow>({ text: TEMPLATE_SQL.fame })
      return new Map(
        rows.map(({ tenant, name, uses, ratings, rating }) => [
          `${tenant}/${name}`,
          {
            uses: Number(uses),
            ratings: Number(ratings),
            ...(rating !== null && { rating }),
          },
        ]),
      )
    },
    async rate({ tenant, name, byTenant, byUser, stars, at }) {
      const values = [tenant, name, byTenant, byUser, stars, at]
      await database.query({ text: TEMPLATE_SQL.rate, values })
    },
  }
}

interface FameRow {
  readonly tenant: string
  readonly name: string
  readonly uses: bigint
  readonly ratings: bigint
  readonly rating: number | null
}

function valuesOf(record: TemplateRecord): readonly unknown[] {
  return [
    record.tenant,
    record.name,
    record.author,
    record.category,
    record.description ?? null,
    JSON.stringify(record.parameters),
    JSON.stringify(record.definition),
    record.price,
    record.licence ?? null,
    record.isPublic,
    record.revision,
    record.forkedFrom ?? null,
    record.createdAt,
    record.updatedAt,
  ]
}
