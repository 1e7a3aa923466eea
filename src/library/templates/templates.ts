import type { Clock } from '../../kernel/clock.ts'
import type { JsonObject } from '../../kernel/json.ts'
import { toMicroFtns } from '../../kernel/money.ts'
import { InvalidDefinitionError, RefusedError, type Workflows } from '../../workflow/index.ts'
import { NameTakenError, NotGrantedError } from '../errors.ts'
import type { Library } from '../library.ts'
import type { Payments } from '../payments.ts'
import { parseReference } from '../reference.ts'
import type { Viewer } from '../sharing.ts'

import { ForeignTemplateError, OwnTemplateError, UnknownTemplateError } from './errors.ts'
import type {
  CreateTemplateRequest,
  ForkTemplateRequest,
  Template,
  TemplateCategory,
  TemplateDetail,
  TemplateDocument,
  TemplateFromWorkflow,
  UsedTemplate,
  UseTemplateRequest,
} from './schema.ts'
import type { TemplateFame, TemplateKey, TemplateRecord, TemplateStore } from './store.ts'
import { checkTemplate, instantiate, templateOf } from './template.ts'

/** What templates need. */
export interface TemplatesDeps {
  readonly store: TemplateStore
  readonly payments: Payments
  readonly library: Pick<Library, 'save' | 'get' | 'getVersion'>
  readonly workflows: Pick<Workflows, 'checkSource'>
  readonly clock: Clock
  /** Those that come with PRSM, for everybody. */
  readonly builtIn: () => Promise<readonly TemplateDocument[]>
}

/** A template as it is named. */
export interface TemplateReference {
  /** Absent: of whoever asks, or one that comes with PRSM. */
  readonly tenant?: string
  readonly name: string
}

/** Templates: workflows with gaps to fill in. */
export interface Templates {
  /** Keeps a template; one of the same name gets another revision. */
  create(viewer: Viewer, request: CreateTemplateRequest): Promise<TemplateDetail>
  /** Those of the tenant, the public ones and those that come with PRSM. */
  list(viewer: Viewer, category?: TemplateCategory): Promise<readonly Template[]>
  get(viewer: Viewer, reference: TemplateReference): Promise<TemplateDetail>
  /**
   * Makes a workflow out of a template, and pays its author.
   *
   * @param id - names the effect: a repeat is neither paid nor counted again.
   */
  use(
    viewer: Viewer,
    reference: TemplateReference,
    request: UseTemplateRequest & { readonly id: string },
  ): Promise<UsedTemplate>
  fork(
    viewer: Viewer,
    reference: TemplateReference,
    request: ForkTemplateRequest,
  ): Promise<TemplateDetail>
  /** A user's last rating counts. @throws {@link OwnTemplateError} */
  rate(viewer: Viewer, reference: TemplateReference, stars: number): Promise<TemplateDetail>
  remove(viewer: Viewer, reference: TemplateReference): Promise<void>
}

/** Whose the templates are that come with PRSM: the tenant of the platform's own accounts. */
const BUILT_IN = 'platform'

/** Builds the service; called once, from the composition root. */
export function createTemplates(deps: TemplatesDeps): Templates {
  const { store, clock } = deps
  return {
    create: (viewer, request) => createTemplate(deps, viewer, request),
    async list({ tenant }, category) {
      const [builtIn, kept, fame] = await Promise.all([
        listBuiltIn(deps),
        store.list(tenant),
        store.fame(),
      ])
      return [...kept, ...builtIn]
        .filter((each) => category === undefined || each.category === category)
        .map((each) => viewOf(each, fame.get(`${each.tenant}/${each.name}`)))
    },
    get: async (viewer, reference) => detailOf(deps, await find(deps, viewer, reference)),
    use: (viewer, reference, request) => useTemplate(deps, [viewer, reference], request),
    async fork(viewer, reference, { name }) {
      const original = await find(deps, viewer, reference)
      const key = { tenant: viewer.tenant, name: name ?? original.name }
      const at = clock.now()
      const forkedFrom = `${original.tenant}/${original.name}@${original.revision}`
      const isNew = await store.add({
        ...original,
        ...key,
        author: viewer.id,
        isPublic: false,
        price: toMicroFtns(0n),
        revision: 1,
        forkedFrom,
        createdAt: at,
        updatedAt: at,
      })
      if (!isNew) throw new NameTakenError(key.name)
      return detailOf(deps, await find(deps, viewer, key))
    },
    async rate(viewer, reference, stars) {
      const found = await find(deps, viewer, reference)
      const { tenant, name } = found
      if (tenant === viewer.tenant) throw new OwnTemplateError(name)
      const by = { byTenant: viewer.tenant, byUser: viewer.id }
      await store.rate({ tenant, name, ...by, stars, at: clock.now() })
      return detailOf(deps, found)
    },
    async remove(viewer, reference) {
      const found = await find(deps, viewer, reference)
      requireOwn(viewer, found)
      await store.remove(found)
    },
  }
}

async function createTemplate(
  deps: TemplatesDeps,
  viewer: Viewer,
  request: CreateTemplateRequest,
): Promise<TemplateDetail> {
  const { store, clock } = deps
  const document =
    'template' in request ? request.template : await documentFrom(deps, viewer, request.from)
  checkBody(deps, document)
  const key = { tenant: viewer.tenant, name: document.name }
  const before = await store.find(key)
  if (before !== undefined) requireOwn(viewer, before)
  const at = clock.now()
  await store.put({
    ...toRecord(document, key, at),
    author: before?.author ?? viewer.id,
    revision: (before?.revision ?? 0) + 1,
    createdAt: before?.createdAt ?? at,
  })
  return detailOf(deps, await find(deps, viewer, key))
}

/** A template of a saved workflow that may be forked. */
async function documentFrom(
  { library }: TemplatesDeps,
  viewer: Viewer,
  { workflow, parameters = [], name, ...head }: TemplateFromWorkflow,
): Promise<TemplateDocument> {
  const reference = parseReference(workflow)
  const { may } = await library.get(viewer, reference)
  // A template holds a copy.
  if (!may.includes('fork')) throw new NotGrantedError(workflow, 'fork', may)
  const { definition } = await library.getVersion(viewer, reference)
  return { ...head, name: name ?? reference.name, ...templateOf(definition, parameters) }
}

/** With its defaults a template is a workflow without problems, unless it asks for something. */
function checkBody(deps: TemplatesDeps, document: TemplateDocument): void {
  checkTemplate(document)
  const { required } = document.parameters
  if (Array.isArray(required) && required.length > 0) return
  requireValid(deps, instantiate(document, {}))
}

function requireValid({ workflows }: TemplatesDeps, definition: JsonObject): void {
  const source = { value: definition, file: undefined, place: () => undefined }
  const checked = workflows.checkSource(source)
  if (!checked.ok) throw new InvalidDefinitionError(checked.refusal)
}

function toRecord(document: TemplateDocument, key: TemplateKey, at: number): TemplateRecord {
  const { category, description, parameters, definition, price, licence } = document
  return {
    ...key,
    author: BUILT_IN,
    category,
    description,
    parameters,
    definition,
    price: price ?? toMicroFtns(0n),
    licence,
    isPublic: document.public === true,
    revision: 1,
    forkedFrom: undefined,
    createdAt: at,
    updatedAt: at,
  }
}

async function listBuiltIn({ builtIn }: TemplatesDeps): Promise<readonly TemplateRecord[]> {
  return (await builtIn()).map((document) =>
    toRecord({ ...document, public: true }, { tenant: BUILT_IN, name: document.name }, 0),
  )
}

/** The template, if it is one's own, public or comes with PRSM. @throws {@link UnknownTemplateError} */
async function find(
  deps: TemplatesDeps,
  viewer: Viewer,
  { tenant, name }: TemplateReference,
): Promise<TemplateRecord> {
  const own = await deps.store.find({ tenant: tenant ?? viewer.tenant, name })
  if (own !== undefined && (own.isPublic || own.tenant === viewer.tenant)) return own
  const known = tenant === undefined || tenant === BUILT_IN ? await listBuiltIn(deps) : []
  const found = known.find((each) => each.name === name)
  if (found === undefined)
    throw new UnknownTemplateError(tenant === undefined ? name : `${tenant}/${name}`)
  return found
}

function requireOwn(viewer: Viewer, { tenant, name, author }: TemplateRecord): void {
  const isOwn = viewer.tenant === tenant && (viewer.isAdmin || viewer.id === author)
  if (!isOwn) throw new ForeignTemplateError(name)
}

async function useTemplate(
  deps: TemplatesDeps,
  [viewer, reference]: readonly [Viewer, TemplateReference],
  { id, parameters = {}, as }: UseTemplateRequest & { readonly id: string },
): Promise<UsedTemplate> {
  const found = await find(deps, viewer, reference)
  const definition = instantiate(found, parameters)
  requireValid(deps, definition)
  const { tenant, name, revision } = found
  // One's own costs nothing: the credit would go from a wallet to itself.
  const amount = tenant === viewer.tenant ? toMicroFtns(0n) : found.price
  const outcome = await deps.payments.pay({
    id: `use:${id}`,
    buyer: viewer.tenant,
    seller: tenant,
    name,
    amount,
    at: deps.clock.now(),
    paid: { kind: 'use', revision, user: viewer.id },
  })
  if (!outcome.ok) throw new RefusedError(outcome.refusal)
  if (as === undefined) return { definition, paid: amount }
  const message = `from the template ${tenant}/${name}@${revision}`
  const workflow = await deps.library.save(viewer, { definition, name: as, message })
  return { definition, paid: amount, workflow }
}

async function detailOf(deps: TemplatesDeps, record: TemplateRecord): Promise<TemplateDetail> {
  const fame = await deps.store.fame()
  const view = viewOf(record, fame.get(`${record.tenant}/${record.name}`))
  return { ...view, definition: record.definition }
}

function viewOf(record: TemplateRecord, fame: TemplateFame | undefined): Template {
  const { tenant, name, author, category, description, parameters, price, licence } = record
  const { isPublic, revision, forkedFrom, createdAt, updatedAt } = record
  return {
    tenant,
    name,
    author,
    category,
    ...(description !== undefined && { description }),
    parameters,
    price,
    ...(licence !== undefined && { licence }),
    public: isPublic,
    revision,
    ...(forkedFrom !== undefined && { forkedFrom }),
    ...(fame ?? { uses: 0, ratings: 0 }),
    createdAt,
    updatedAt,
  }
}
