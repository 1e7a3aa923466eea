import { z } from 'zod'

import type { Principal } from '../../access/index.ts'
import type { JsonObject } from '../../kernel/json.ts'
import {
  type Library,
  libraryName,
  parseReference,
  tenantName,
  type Viewer,
  type WorkflowReference,
} from '../../library/index.ts'
import type { ApiDeps } from '../deps.ts'

/** Names something in the library, in a path. */
export const nameParams = z.object({ name: libraryName })

/** Whose it is. */
export const ownerQuery = z.object({
  tenant: tenantName.optional().describe('Whose it is; by default that of the key'),
})

/** Who acts on the library. */
export function viewerOf({ tenant, id, scopes }: Principal): Viewer {
  return { tenant, id, isAdmin: scopes.includes('admin') }
}

/** What a path and a query name. */
export function referenceOf(
  { name }: z.output<typeof nameParams>,
  { tenant }: z.output<typeof ownerQuery>,
): WorkflowReference {
  return { name, ...(tenant !== undefined && { tenant }) }
}

/** Who acts, and on what. */
export function askedBy(
  principal: Principal,
  params: z.output<typeof nameParams>,
  query: z.output<typeof ownerQuery>,
): readonly [Viewer, WorkflowReference] {
  return [viewerOf(principal), referenceOf(params, query)]
}

/** A definition to run, and the saved version it comes from, if it does. */
export interface NamedDefinition {
  readonly definition: JsonObject
  readonly granted?: Awaited<ReturnType<Library['findRunnable']>>
}

/** The definition that a request gives, or names. */
export async function findDefinition(
  { library }: Pick<ApiDeps, 'library'>,
  principal: Principal,
  { definition, workflow }: { definition?: JsonObject | undefined; workflow?: string | undefined },
): Promise<NamedDefinition> {
  if (workflow === undefined) return { definition: definition ?? {} }
  const granted = await library.findRunnable(viewerOf(principal), parseReference(workflow))
  return { definition: granted.version.definition, granted }
}
