import { createHash } from 'node:crypto'
import { type Fields, fieldsOf, textOf } from '../../json/fields.ts'
import { nameOf, type StoreKey } from '../../store/store.ts'
import { newerFile } from '../file-store/config-file.ts'
import { glanceAtFields, readFields } from '../files/json-file.ts'
import { damagedFile } from '../files/set-aside.ts'

/**
 * The index of what is in the keychain: a file without secrets that says under which names each account
 * is there now. It has what a keychain lacks: it is replaced in one step, and can be watched.
 *
 * ```json
 * {
 *   "version": 1,
 *   "choices": { "lanonasis-auth": ["keychain:lanonasis-auth"] },
 *   "markers": { "lanonasis-auth": { "account": "index.Zm9v…", "id": "e3b0…" } },
 *   "entries": {
 *     "<hash of service and key>": {
 *       "service": "lanonasis-auth",
 *       "issuer": "https://auth.lanonasis.com", "client_id": "lanonasis-cli", "profile": "default",
 *       "current": { "id": "5f0c…", "parts": 1 },
 *       "leftovers": [{ "id": "91be…", "parts": 1, "since": 1764000000000 }]
 *     }
 *   }
 * }
 * ```
 */
export interface IndexEntry {
  /** Which value counts. */
  readonly current: Value | undefined
  /** Values that are to be removed from the keychain. */
  readonly leftovers: readonly Leftover[]
}

/** A value in the keychain: its parts are `<id>.0`, `<id>.1`, … An id is used once only. */
export interface Value {
  readonly id: string
  readonly parts: number
}

export interface Leftover extends Value {
  /** When it was given up, epoch ms. */
  readonly since: number
  /** It could not be understood: it is kept for a person until the account is destroyed. */
  readonly damaged?: boolean
}

/** What the keychain has as well, under this name: by it the two are known to belong together. */
export interface Marker {
  readonly account: string
  readonly id: string
}

const version = 1

/** Fields that the first version of the index does not have are kept. */
export async function readIndex(path: string): Promise<Fields | undefined> {
  const index = await readFields(path, isIndex)
  if (typeof index?.version === 'number' && index.version > version) throw newerFile(path)
  return index
}

/** For who is alone with it. @throws AuthError `store_corrupt`, `store_unavailable` */
export async function readSoundIndex(path: string): Promise<Fields> {
  const index = await readIndex(path)
  if (index === undefined) throw await damagedFile(path, 'an index of a keychain')
  return index
}

/** The id of the value that counts at this moment; empty where there is none, `undefined` when it cannot be told. */
export function glanceAtId(path: string, owner: Owner): string | undefined {
  const index = glanceAtFields(path, isIndex)
  return index && (entryIn(index, owner).current?.id ?? '')
}

export function entryIn(index: Fields, owner: Owner): IndexEntry {
  return toEntry(fieldsOf(fieldsOf(index.entries)[entryName(owner)]))
}

/** Whose entry it is. */
export interface Owner {
  readonly service: string
  readonly key: StoreKey
}

export function withEntry(index: Fields, owner: Owner, entry: IndexEntry): Fields {
  const { service, key } = owner
  const name = entryName(owner)
  const { [name]: before, ...others } = fieldsOf(index.entries)
  const { current, leftovers } = entry
  const gone = current === undefined && leftovers.length === 0
  const { issuer, clientId, profile, resource } = key
  const written = {
    ...fieldsOf(before),
    service,
    issuer,
    client_id: clientId,
    profile,
    resource,
    current,
    leftovers: leftovers.length === 0 ? undefined : leftovers,
  }
  const entries = gone ? others : { ...others, [name]: written }
  return { ...index, version, entries }
}

/**
 * The places that lists with the keychain of this service have chosen. There are several where lists
 * differ in what else is in them.
 */
export function choicesIn(index: Fields, service: string): readonly string[] {
  const chosen = fieldsOf(index.choices)[service]
  if (Array.isArray(chosen)) return chosen.flatMap((place) => textOf(place) ?? [])
  // As it was written before: one for all services.
  const choice = textOf(index.choice)
  return choice === undefined ? [] : [choice]
}

export function withChoices(index: Fields, service: string, places: readonly string[]): Fields {
  const choices = { ...fieldsOf(index.choices), [service]: places }
  return { ...index, version, choices }
}

/** As if none of these places had been chosen by a list with the keychain of this service. */
export function withoutChoices(index: Fields, service: string, places: readonly string[]): Fields {
  const left = choicesIn(index, service).filter((place) => !places.includes(place))
  const { [service]: _, ...others } = fieldsOf(index.choices)
  const choices = left.length === 0 ? others : { ...others, [service]: left }
  const choice = textOf(index.choice)
  return {
    ...index,
    version,
    choice: choice === undefined || places.includes(choice) ? undefined : choice,
    choices: Object.keys(choices).length === 0 ? undefined : choices,
  }
}

export function markerIn(index: Fields, service: string): Marker | undefined {
  const { account, id } = fieldsOf(fieldsOf(index.markers)[service])
  const [where, what] = [textOf(account), textOf(id)]
  return where === undefined || what === undefined ? undefined : { account: where, id: what }
}

export function withMarker(index: Fields, service: string, marker: Marker | undefined): Fields {
  const { [service]: _, ...others } = fieldsOf(index.markers)
  const markers = marker === undefined ? others : { ...others, [service]: marker }
  return { ...index, version, markers: Object.keys(markers).length === 0 ? undefined : markers }
}

/** The ids of all values of a service that it names. */
export function idsIn(index: Fields, service: string): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const entry of Object.values(fieldsOf(index.entries)).map(fieldsOf)) {
    if (entry.service !== service) continue
    const { current, leftovers } = toEntry(entry)
    for (const { id } of [...(current === undefined ? [] : [current]), ...leftovers]) ids.add(id)
  }
  return ids
}

/** Whether there are accounts of a service in it. */
export function holdsAccounts(index: Fields, service: string): boolean {
  const entries = Object.values(fieldsOf(index.entries)).map(fieldsOf)
  return entries.some((entry) => entry.service === service && entry.current !== undefined)
}

/** Whether nothing is left in it that anybody needs. */
export function isEmptyIndex(index: Fields): boolean {
  const { version, entries, ...rest } = index
  const isEmpty = Object.keys(fieldsOf(entries)).length === 0
  return isEmpty && Object.values(rest).every((value) => value === undefined)
}

/** The name of an entry. Two services in one home have one index. */
function entryName({ service, key }: Owner): string {
  return createHash('sha256')
    .update(`${service}\n${nameOf(key)}`)
    .digest('base64url')
}

function isIndex(index: Fields): boolean {
  return index.entries === undefined || fieldsOf(index.entries) === index.entries
}

function toEntry({ current, leftovers }: Fields): IndexEntry {
  return {
    current: toValue(current),
    leftovers: Array.isArray(leftovers) ? leftovers.flatMap((one) => toLeftover(one) ?? []) : [],
  }
}

function toValue(value: unknown): Value | undefined {
  const { id, parts } = fieldsOf(value)
  const text = textOf(id)
  return text !== undefined && typeof parts === 'number' ? { id: text, parts } : undefined
}

function toLeftover(fields: unknown): Leftover | undefined {
  const value = toValue(fields)
  const { since, damaged } = fieldsOf(fields)
  return value && { ...value, since: Number(since) || 0, ...(damaged === true ? { damaged } : {}) }
}
