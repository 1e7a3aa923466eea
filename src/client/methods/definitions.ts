import {
  health,
  jsonSchema,
  modelList,
  runRequest,
  stepKindPage,
  validateRequest,
  validation,
} from '../../api/schema.ts'
import { quote } from '../../workflow/schema.ts'
import type { DefinitionMethods } from '../contract/definitions.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode, lookWith } from './json-calls.ts'

/** Methods of definitions, and of what can be named in them. */
export function definitionMethods(transport: Transport): DefinitionMethods {
  const look = lookWith(transport)
  return {
    validate: (request, options) =>
      transport.json(validation, {
        operation: OPERATIONS.validate,
        body: () => encode(validateRequest, request),
        ...options,
      }),
    quote: (request, options) =>
      transport.json(quote, {
        operation: OPERATIONS.quote,
        body: () => encode(runRequest, request),
        ...options,
      }),
    models: look(modelList, OPERATIONS.models),
    stepKinds: async (options) => (await look(stepKindPage, OPERATIONS.stepKinds)(options)).items,
    workflowSchema: look(jsonSchema, OPERATIONS.workflowSchema),
    health: look(health, OPERATIONS.health),
    ready: look(health, OPERATIONS.ready),
  }
}
