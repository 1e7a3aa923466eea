/**
 * Library: saved workflows with versions, tags and sharing, and templates to begin from.
 *
 * @module
 */
export { UnknownWorkflowError } from './errors.ts'
export { createLibrary, type Library } from './library.ts'
export { createSqlPayments, libraryWriters } from './payments-sql.ts'
export { parseReference, type WorkflowReference } from './reference.ts'
export { LIBRARY_MIGRATIONS } from './rows-sql.ts'
export {
  definitionDiff,
  forkRequest,
  libraryName,
  libraryUsage,
  pruned,
  pruneRequest,
  restoreRequest,
  savedWorkflow,
  saveWorkflowRequest,
  shareWorkflowRequest,
  sharingLevel,
  tagName,
  tagRequest,
  tenantName,
  upgradeReport,
  upgradeRequest,
  versionDetail,
  versionSelector,
  workflowStatus,
  workflowVersion,
} from './schema.ts'
export type { Viewer } from './sharing.ts'
export { createSqlLibraryStore } from './store-sql.ts'
export { createBuiltInTemplates } from './templates/built-in-fs.ts'
export { TEMPLATE_MIGRATIONS } from './templates/rows-sql.ts'
export {
  createTemplateRequest,
  forkTemplateRequest,
  rateTemplateRequest,
  template,
  templateCategory,
  templateDetail,
  templateDocument,
  usedTemplate,
  useTemplateRequest,
} from './templates/schema.ts'
export { createSqlTemplateStore } from './templates/store-sql.ts'
export { createTemplates, type Templates } from './templates/templates.ts'
export { type Bundles, createBundles } from './bundle/bundles.ts'
export {
  bundleText,
  importBundleRequest,
  importedBundle,
  signer,
  trustSignerRequest,
} from './bundle/schema.ts'
export { createSigningKey } from './bundle/signing-key-fs.ts'
export { isBundle } from './bundle/signature.ts'
export { createSqlSignerStore, SIGNER_MIGRATIONS } from './bundle/signers-sql.ts'
export { convertDefinition } from './import/convert.ts'
export { converted, convertRequest } from './import/schema.ts'
