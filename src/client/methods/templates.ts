import { templatePage } from '../../api/schema.ts'
import {
  createTemplateRequest,
  forkTemplateRequest,
  rateTemplateRequest,
  template,
  templateDetail,
  usedTemplate,
  useTemplateRequest,
} from '../../library/templates/schema.ts'
import type { TemplateMethods } from '../contract/templates.ts'
import { OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode } from './json-calls.ts'
import { callOf } from './library.ts'

/** Methods of templates. */
export function templateMethods(transport: Transport): TemplateMethods {
  return {
    createTemplate: (request, options) =>
      transport.json(templateDetail, {
        operation: OPERATIONS.createTemplate,
        body: () => encode(createTemplateRequest, request),
        ...options,
      }),
    async listTemplates({ category, ...options } = {}) {
      const call = { operation: OPERATIONS.listTemplates, query: { category }, ...options }
      return (await transport.json(templatePage, call)).items
    },
    getTemplate: (name, options) =>
      transport.json(templateDetail, callOf(OPERATIONS.getTemplate, name, { ...options })),
    deleteTemplate: (name, options) =>
      transport.json(template, callOf(OPERATIONS.deleteTemplate, name, { ...options })),
    useTemplate: (name, request = {}, options = {}) =>
      transport.json(
        usedTemplate,
        callOf(OPERATIONS.useTemplate, name, {
          body: () => encode(useTemplateRequest, request),
          ...options,
        }),
      ),
    forkTemplate: (name, request = {}, options = {}) =>
      transport.json(
        templateDetail,
        callOf(OPERATIONS.forkTemplate, name, {
          body: () => encode(forkTemplateRequest, request),
          ...options,
        }),
      ),
    rateTemplate: (name, request, options) =>
      transport.json(
        templateDetail,
        callOf(OPERATIONS.rateTemplate, name, {
          body: () => encode(rateTemplateRequest, request),
          ...options,
        }),
      ),
  }
}
