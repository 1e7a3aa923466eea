import type {
  CreateTemplateRequest,
  ForkTemplateRequest,
  RateTemplateRequest,
  Template,
  TemplateCategory,
  TemplateDetail,
  UseTemplateRequest,
  UsedTemplate,
} from '../../library/templates/schema.ts'

import type { LibraryName } from './library.ts'
import type { CallOptions, EffectOptions } from './options.ts'

/** Which templates are listed. */
export interface TemplateFilter extends CallOptions {
  readonly category?: TemplateCategory | undefined
}

/** Workflows with parameters to make others of. */
export interface TemplateMethods {
  createTemplate(request: CreateTemplateRequest, options?: EffectOptions): Promise<TemplateDetail>
  listTemplates(filter?: TemplateFilter): Promise<readonly Template[]>
  getTemplate(name: LibraryName, options?: CallOptions): Promise<TemplateDetail>
  deleteTemplate(name: LibraryName, options?: EffectOptions): Promise<Template>
  useTemplate(
    name: LibraryName,
    request?: UseTemplateRequest,
    options?: EffectOptions,
  ): Promise<UsedTemplate>
  forkTemplate(
    name: LibraryName,
    request?: ForkTemplateRequest,
    options?: EffectOptions,
  ): Promise<TemplateDetail>
  rateTemplate(
    name: LibraryName,
    request: RateTemplateRequest,
    options?: EffectOptions,
  ): Promise<TemplateDetail>
}
