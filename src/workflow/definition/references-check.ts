import type { Template } from '../expressions/template.ts'

import type { KnownType } from './known-types.ts'
import type { Path } from './path.ts'
import type { Problems } from './problems.ts'
import { resolveReference, type Scope } from './scope.ts'

/** Where a template stands and what it may name. */
export interface TemplatePlace {
  /** Path of the template's root in the document. */
  readonly base: Path
  readonly scope: Scope
  readonly problems: Problems
  /** Called with the type of each string that is nothing but one reference of a known type. */
  readonly onType?: (path: Path, type: KnownType, source: string) => void
}

/**
 * Checks every name in a template.
 *
 * @returns the steps it reads.
 */
export function checkTemplate(template: Template, place: TemplatePlace): ReadonlySet<string> {
  const needed = new Set<string>()
  for (const { expression, path, isWhole } of template.expressions) {
    const at = [...place.base, ...path]
    for (const reference of expression.references) {
      const { needs, type, fault } = resolveReference(reference, place.scope)
      if (fault !== undefined) {
        const where = expression.source.trim().replaceAll(/\s+/g, ' ')
        const shown = where.length > 60 ? `${where.slice(0, 59)}…` : where
        place.problems.add(at, { ...fault, message: `${fault.message}, in {% ${shown} %}` })
      }
      if (needs !== undefined) needed.add(needs)
      if (isWhole && reference.isWhole && type !== undefined)
        place.onType?.(path, type, expression.source.trim())
    }
  }
  return needed
}
