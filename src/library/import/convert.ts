import type { JsonObject } from '../../kernel/json.ts'

import { UnknownFormatError } from './errors.ts'
import { createFindings } from './findings.ts'
import { workflowName } from './names.ts'
import type { Converted, ConvertRequest } from './schema.ts'
import { objectIn } from './states/expressions.ts'
import { convertMachine } from './states/machine.ts'
import { convertWfFormat } from './wfformat.ts'

/**
 * Brings a workflow of another system over.
 *
 * @remarks Nothing is left out in silence: whatever has no counterpart is among the findings, with
 * its place. Whether what comes out is valid is another question.
 * @throws {@link UnknownFormatError} it is written in nothing that is known here.
 */
export function convertDefinition({ document, name, resources = {} }: ConvertRequest): Converted {
  const findings = createFindings()
  if (document['StartAt'] !== undefined && document['States'] !== undefined) {
    const { steps, output } = convertMachine(document, {
      path: '',
      findings,
      resources,
      input: '$inputs',
      variables: new Map(),
      isInMap: false,
      language: 'JSONPath',
    })
    const { Comment, TimeoutSeconds } = document
    const definition = {
      apiVersion: 'prsm/v1',
      name: workflowName(name),
      ...(typeof Comment === 'string' && { description: Comment.slice(0, 10_000) }),
      ...(typeof TimeoutSeconds === 'number' && { timeout: `${TimeoutSeconds}s` }),
      steps,
      output,
    }
    return { format: 'states-language', definition, findings: [...findings.list] }
  }
  if (objectIn(document['workflow'])['specification'] === undefined) throw new UnknownFormatError()
  const made = convertWfFormat(document, findings)
  checkVersion(document, findings)
  const definition = name === undefined ? made : { ...made, name: workflowName(name) }
  return { format: 'wfformat', definition, findings: [...findings.list] }
}

function checkVersion(
  { schemaVersion }: JsonObject,
  findings: ReturnType<typeof createFindings>,
): void {
  if (schemaVersion === '1.5') return
  findings.warn('/schemaVersion', 'only version 1.5 of the format is known')
}
