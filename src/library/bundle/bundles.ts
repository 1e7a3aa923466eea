import { canonicalJson } from '../../kernel/canonical-json.ts'
import { hashJson } from '../../kernel/hash.ts'
import { findGranted } from '../access.ts'
import type { LibraryDeps } from '../deps.ts'
import { NameTakenError } from '../errors.ts'
import type { Library } from '../library.ts'
import { modulesIn } from '../modules.ts'
import { checkQuota } from '../quotas.ts'
import type { WorkflowReference } from '../reference.ts'
import { descriptionIn, newRecord } from '../save.ts'
import { tagName } from '../schema.ts'
import type { Viewer } from '../sharing.ts'
import type { NewVersion } from '../store.ts'

import { InvalidBundleError, UnknownSignerError, UntrustedSignerError } from './errors.ts'
import type {
  Bundle,
  BundlePayload,
  ImportBundleRequest,
  ImportedBundle,
  Signer,
  TrustSignerRequest,
} from './schema.ts'
import { fingerprintOf, keyOf, openBundle, publicKeyOf, signBundle } from './signature.ts'
import type { SignerStore } from './signers.ts'

/** What bundles need beside what the library needs. */
export interface BundlesDeps extends LibraryDeps {
  readonly signers: SignerStore
  readonly library: Pick<Library, 'get'>
  /** The private key of this installation, in PEM. */
  readonly signingKey: () => Promise<string>
}

/** Saved workflows in files, signed. */
export interface Bundles {
  /** The text of a bundle; whoever may fork a workflow may take it along. */
  export(viewer: Viewer, reference: WorkflowReference): Promise<string>
  /**
   * Takes a bundle in, with all its versions and tags, under a new name.
   *
   * @throws {@link InvalidBundleError} {@link UntrustedSignerError}
   */
  import(viewer: Viewer, request: ImportBundleRequest): Promise<ImportedBundle>
  /** The key of this installation, and those that the tenant trusts. */
  listSigners(tenant: string): Promise<readonly Signer[]>
  trust(tenant: string, request: TrustSignerRequest): Promise<Signer>
  /** @throws {@link UnknownSignerError} */
  distrust(tenant: string, id: string): Promise<Signer>
}

/** Builds the service; called once, from the composition root. */
export function createBundles(deps: BundlesDeps): Bundles {
  const { signers, clock, signingKey } = deps
  const trust: Bundles['trust'] = async (tenant, { publicKey, name }) => {
    keyOf(publicKey)
    const id = fingerprintOf(publicKey)
    await signers.add({ tenant, id, publicKey, name, trustedAt: clock.now() })
    return findSigner(await listSigners(tenant), id)
  }
  const listSigners: Bundles['listSigners'] = async (tenant) => {
    const own = publicKeyOf(await signingKey())
    const trusted = await signers.list(tenant)
    return [
      { id: fingerprintOf(own), publicKey: own, name: 'this installation', isOwn: true },
      ...trusted
        .filter(({ publicKey }) => publicKey !== own)
        .map(({ id, publicKey, name, trustedAt }) => ({
          id,
          publicKey,
          name,
          trustedAt,
          isOwn: false,
        })),
    ]
  }
  return {
    trust,
    listSigners,
    export: async (viewer, reference) =>
      signBundle(await payloadOf(deps, viewer, reference), await signingKey()),
    async import(viewer, { text, name, trust: isTrusted = false }) {
      const bundle = openBundle(text)
      checkPayload(bundle.payload)
      const { publicKey } = bundle.signature
      const signer = fingerprintOf(publicKey)
      const known = await listSigners(viewer.tenant)
      if (!known.some((each) => each.publicKey === publicKey)) {
        if (!isTrusted) throw new UntrustedSignerError(signer)
        await trust(viewer.tenant, { publicKey, name: `sent ${bundle.payload.name}` })
      }
      const taken = name ?? bundle.payload.name
      await takeIn(deps, viewer, { bundle, name: taken, signer })
      const workflow = await deps.library.get(viewer, { name: taken })
      return { workflow, signer, modules: bundle.payload.modules }
    },
    async distrust(tenant, id) {
      const found = findSigner(await listSigners(tenant), id)
      if (found.isOwn || !(await signers.remove(tenant, id))) throw new UnknownSignerError(id)
      return found
    },
  }
}

function findSigner(signers: readonly Signer[], id: string): Signer {
  const found = signers.find((each) => each.id === id)
  if (found === undefined) throw new UnknownSignerError(id)
  return found
}

async function payloadOf(
  { store }: BundlesDeps,
  viewer: Viewer,
  reference: WorkflowReference,
): Promise<BundlePayload> {
  const workflow = await findGranted(store, { viewer, reference, action: 'fork' })
  const versions: BundlePayload['versions'] = []
  for (const { version } of (await store.listVersions(workflow)).toReversed()) {
    const found = await store.findVersion(workflow, version)
    if (found === undefined) continue
    const { hash, author, message, at, parent, isDraft, definition } = found
    const from = parent !== undefined && { parent }
    versions.push({ version, hash, author, message, at, ...from, isDraft, definition })
  }
  const { name, licence, tags } = workflow
  return {
    name,
    ...(licence !== undefined && { licence }),
    versions,
    tags: { ...tags },
    modules: [...modulesIn(versions.at(-1)?.definition ?? {})],
  }
}

/** What is signed may still be wrong: the signer is trusted to be who it is, not to be right. */
function checkPayload({ versions, tags }: BundlePayload): void {
  let last = 0
  for (const { version, hash, parent = 0, definition } of versions) {
    if (version <= last) throw new InvalidBundleError(`version ${version} is out of order`)
    if (parent >= version) throw new InvalidBundleError(`version ${version} comes from a later one`)
    if (hashJson(definition) !== hash)
      throw new InvalidBundleError(`version ${version} is not what its hash says`)
    last = version
  }
  const known = new Map(versions.map(({ version, isDraft }) => [version, isDraft]))
  for (const [tag, version] of Object.entries(tags)) {
    if (!tagName.safeParse(tag).success || known.get(version) !== false)
      throw new InvalidBundleError(`the tag "${tag}" is at no version of it`)
  }
}

interface Taken {
  readonly bundle: Bundle
  readonly name: string
  readonly signer: string
}

async function takeIn(
  deps: BundlesDeps,
  viewer: Viewer,
  { bundle: { payload }, name, signer }: Taken,
): Promise<void> {
  const { store, clock, limits } = deps
  const versions = payload.versions.map((each) => toVersion(deps, each))
  const sizeBytes = versions.reduce((sum, each) => sum + each.sizeBytes, 0)
  const added = { workflows: 1, versions: versions.length, sizeBytes }
  const head = versions.at(-1)
  const origin = { forkedFrom: `signer:${signer}`, licence: payload.licence }
  await store.change(viewer.tenant, async (shelf) => {
    if ((await shelf.find(name)) !== undefined) throw new NameTakenError(name)
    checkQuota(await shelf.kept(), added, limits)
    const record = newRecord(name, { viewer, origin }, clock.now())
    const description = descriptionIn(head?.definition ?? {})
    await shelf.put({ ...record, head: head?.version ?? 1, description })
    for (const version of versions) await shelf.addVersion(name, version)
    for (const [tag, version] of Object.entries(payload.tags))
      await shelf.putTag(name, tag, version)
  })
}

/** Problems are those of this installation: it may know other kinds of step. */
function toVersion(
  { workflows }: BundlesDeps,
  { parent, ...version }: BundlePayload['versions'][number],
): NewVersion {
  const { definition } = version
  const source = { value: definition, file: undefined, place: () => undefined }
  const checked = workflows.checkSource(source)
  const problems = checked.ok ? [] : checked.refusal
  return {
    ...version,
    parent,
    isDraft: version.isDraft || problems.length > 0,
    problems,
    sizeBytes: Buffer.byteLength(canonicalJson(definition)),
  }
}
