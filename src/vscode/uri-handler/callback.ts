import { type Fields, parseFields, textOf } from '../../json/fields.ts'
import type { EditorUri } from '../host.ts'

/** A URI that the editor was opened with, in its parts, each decoded once. */
export type Callback = Pick<EditorUri, 'scheme' | 'authority' | 'path' | 'query'>

/**
 * The callback as the server has written it.
 *
 * The editor has decoded the query: a percent sign or a plus in it was an encoded one, or the code would
 * not come through a second decoding whole.
 */
export function callbackUrl({ scheme, authority, path, query }: Callback): URL | undefined {
  const encoded = query.replace(/%/g, '%25').replace(/\+/g, '%2B').replace(/#/g, '%23')
  const text = `${scheme}://${authority.toLowerCase()}${path}?${encoded}`
  return URL.canParse(text) ? new URL(text) : undefined
}

/** The one state that it carries. */
export function stateOf(callback: URL): string | undefined {
  const [state, ...more] = callback.searchParams.getAll('state')
  return more.length === 0 && state !== '' ? state : undefined
}

/** Whether it came to this redirect URI, whatever its query. */
export function isAt(callback: URL, redirectUri: string): boolean {
  const { protocol, host, pathname } = new URL(redirectUri)
  return (
    callback.protocol === protocol &&
    callback.host === host.toLowerCase() &&
    callback.pathname === pathname
  )
}

/** As one window passes it to another. */
export function writeCallback({ scheme, authority, path, query }: Callback): string {
  return JSON.stringify({ scheme, authority, path, query })
}

/** @returns `undefined` for anything else */
export function readCallback(text: string | undefined): Callback | undefined {
  const fields: Fields = parseFields(text ?? '')
  const [scheme, authority, path, query] = [
    textOf(fields.scheme),
    textOf(fields.authority),
    textOf(fields.path),
    textOf(fields.query),
  ]
  return scheme === undefined ||
    authority === undefined ||
    path === undefined ||
    query === undefined
    ? undefined
    : { scheme, authority, path, query }
}
