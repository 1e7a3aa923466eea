import type { z } from 'zod'

import { jsonSchema, savedWorkflowPage, versionPage } from '../../api/schema.ts'
import {
  definitionDiff,
  forkRequest,
  libraryUsage,
  pruned,
  pruneRequest,
  restoreRequest,
  type SavedWorkflow,
  savedWorkflow,
  saveWorkflowRequest,
  shareWorkflowRequest,
  tagRequest,
  upgradeReport,
  upgradeRequest,
  versionDetail,
} from '../../library/schema.ts'
import type { Call } from '../call.ts'
import type { LibraryMethods, LibraryName, VersionName } from '../contract/library.ts'
import { createListing } from '../listing.ts'
import { type Operation, OPERATIONS } from '../operations.ts'
import type { Transport } from '../transport.ts'

import { encode, lookWith } from './json-calls.ts'

type Look =
  | 'listWorkflows'
  | 'getWorkflow'
  | 'listVersions'
  | 'getVersion'
  | 'getOutline'
  | 'diffVersions'
  | 'checkUpgrade'
  | 'libraryUsage'
type Change =
  | 'saveWorkflow'
  | 'deleteWorkflow'
  | 'restoreVersion'
  | 'tagVersion'
  | 'untagVersion'
  | 'archiveWorkflow'
  | 'unarchiveWorkflow'
  | 'shareWorkflow'
  | 'forkWorkflow'
  | 'buyWorkflow'
  | 'pruneVersions'

/** Methods of saved workflows. */
export function libraryMethods(transport: Transport): LibraryMethods {
  return { ...lookMethods(transport), ...changeMethods(transport) }
}

/** A call about something in the library. */
export function callOf(
  operation: Operation,
  { name, tenant }: LibraryName,
  more: Partial<Call> = {},
): Call {
  const { params, query, ...rest } = more
  return { operation, params: { name, ...params }, query: { tenant, ...query }, ...rest }
}

const at = ({ version = 'latest' }: VersionName): Record<string, string> => ({ version })

function bodyOf<Schema extends z.ZodType>(
  schema: Schema,
  request: z.output<Schema>,
): Pick<Call, 'body'> {
  return { body: () => encode(schema, request) }
}

function lookMethods(transport: Transport): Pick<LibraryMethods, Look> {
  return {
    listWorkflows: ({ signal, others, ...query } = {}) =>
      createListing(transport, {
        schema: savedWorkflowPage,
        call: {
          operation: OPERATIONS.listWorkflows,
          query: { ...query, others: others?.toString() },
          signal,
        },
        cursorName: 'cursor',
      }),
    getWorkflow: (name, options) =>
      transport.json(savedWorkflow, callOf(OPERATIONS.getWorkflow, name, { ...options })),
    async listVersions(name, options) {
      const call = callOf(OPERATIONS.listVersions, name, { ...options })
      return (await transport.json(versionPage, call)).items
    },
    getVersion: (name, options) =>
      transport.json(
        versionDetail,
        callOf(OPERATIONS.getVersion, name, { params: at(name), ...options }),
      ),
    getOutline: (name, options) =>
      transport.json(
        jsonSchema,
        callOf(OPERATIONS.getOutline, name, { params: at(name), ...options }),
      ),
    diffVersions: (name, to, options) =>
      transport.json(
        definitionDiff,
        callOf(OPERATIONS.diffVersions, name, { params: at(name), query: { to }, ...options }),
      ),
    checkUpgrade: (name, request, options) =>
      transport.json(
        upgradeReport,
        callOf(OPERATIONS.checkUpgrade, name, {
          body: () => encode(upgradeRequest, request),
          ...options,
        }),
      ),
    libraryUsage: lookWith(transport)(libraryUsage, OPERATIONS.libraryUsage),
  }
}

function changeMethods(transport: Transport): Pick<LibraryMethods, Change> {
  const change = (
    operation: Operation,
    name: LibraryName,
    more: Partial<Call> = {},
  ): Promise<SavedWorkflow> => transport.json(savedWorkflow, callOf(operation, name, more))
  return {
    saveWorkflow: (request, options) =>
      transport.json(savedWorkflow, {
        operation: OPERATIONS.saveWorkflow,
        ...bodyOf(saveWorkflowRequest, request),
        ...options,
      }),
    deleteWorkflow: (name, options) => change(OPERATIONS.deleteWorkflow, name, { ...options }),
    restoreVersion: (name, request, options) =>
      change(OPERATIONS.restoreVersion, name, { ...bodyOf(restoreRequest, request), ...options }),
    tagVersion: (name, request, options) =>
      change(OPERATIONS.tagVersion, name, { ...bodyOf(tagRequest, request), ...options }),
    untagVersion: (name, tag, options) =>
      change(OPERATIONS.untagVersion, name, { params: { tag }, ...options }),
    archiveWorkflow: (name, options) => change(OPERATIONS.archiveWorkflow, name, { ...options }),
    unarchiveWorkflow: (name, options) =>
      change(OPERATIONS.unarchiveWorkflow, name, { ...options }),
    shareWorkflow: (name, request, options) =>
      change(OPERATIONS.shareWorkflow, name, {
        ...bodyOf(shareWorkflowRequest, request),
        ...options,
      }),
    forkWorkflow: (name, request = {}, options = {}) =>
      change(OPERATIONS.forkWorkflow, name, { ...bodyOf(forkRequest, request), ...options }),
    buyWorkflow: (name, options) => change(OPERATIONS.buyWorkflow, name, { ...options }),
    pruneVersions: (name, request, options) =>
      transport.json(
        pruned,
        callOf(OPERATIONS.pruneVersions, name, { ...bodyOf(pruneRequest, request), ...options }),
      ),
  }
}
