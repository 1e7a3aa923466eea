import type { Database } from '../platform/sql/database.ts'
import type { Migration } from '../platform/sql/migrate.ts'

import type { ArtifactStore } from './store.ts'

/** The table of artifacts. */
export const ARTIFACT_MIGRATIONS: readonly Migration[] = [
  {
    id: '03-artifacts',
    sql: `
      create table artifacts (
        hash text collate "C" primary key,
        media_type text not null,
        content bytea not null,
        created_at timestamptz not null default now()
      );
    `,
  },
]

/** Artifacts in PostgreSQL, which compresses them. */
export function createSqlArtifactStore(database: Database): ArtifactStore {
  return {
    // Put again, it is in use again: whoever removes what nothing refers to then spares it.
    async put({ hash, mediaType, content }) {
      await database.query({
        text: 'insert into artifacts (hash, media_type, content) values ($1, $2, $3) on conflict (hash) do update set created_at = now()',
        values: [hash, mediaType, Buffer.from(content)],
      })
    },
    async find(hash) {
      const [row] = await database.query<{ content: Buffer }>({
        text: 'select content from artifacts where hash = $1',
        values: [hash],
      })
      return row?.content
    },
  }
}
