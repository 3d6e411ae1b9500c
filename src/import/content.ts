import type { ServiceName } from '../endpoints/presets.ts'
import type { ImportFormat, ImportPlace, UnusableCode } from './report.ts'

/** What a place says it holds, with nothing judged yet. Texts in it may be secret. */
export interface Content {
  readonly format: ImportFormat
  readonly items: readonly Item[]
  /** Fields that are there and are of no use. */
  readonly problems: readonly Problem[]
  /** The gateway that it names. */
  readonly issuer?: string | undefined
  /** Other services that it names, by its own names for them. */
  readonly services?: Readonly<Record<string, string>> | undefined
  /** All addresses that it names, gateway and services, by its own names for them. */
  readonly addresses?: Readonly<Record<string, string>> | undefined
  /** Those that the client has a setting for; they may be anything. */
  readonly endpoints?: Readonly<Partial<Record<ServiceName, unknown>>> | undefined
  /** The OAuth client that it names. */
  readonly clientId?: string | undefined
  /** It says that its key is in the key storage of the old packages. */
  readonly keyElsewhere?: boolean | undefined
  /** When somebody has signed out there of the very account that is imported for, epoch ms. */
  readonly signedOutAt?: number | undefined
  /** Fingerprints of what was imported there before, into this account. */
  readonly imported?: readonly string[] | undefined
  /** It has fields that are not read, and that may be credentials: it must not be removed. */
  readonly leftovers?: boolean | undefined
}

export interface Problem {
  readonly code: UnusableCode
  readonly message: string
}

/** One credential, as the place calls it. What it is in truth is judged by its form (★29). */
export type Item = TokensItem | ApiKeyItem | LegacyItem

export interface TokensItem {
  readonly type: 'tokens'
  readonly accessToken: string | undefined
  readonly refreshToken?: string | undefined
  readonly tokenType?: string | undefined
  readonly scope?: string | undefined
  readonly obtainedAt?: number | undefined
  readonly expiresAt?: number | undefined
  readonly expiresInMs?: number | undefined
  readonly refreshExpiresAt?: number | undefined
}

export interface ApiKeyItem {
  readonly type: 'api-key'
  readonly text: string
  readonly expiresAt?: number | undefined
  readonly id?: string | undefined
  readonly name?: string | undefined
}

/** The roadmap's `legacyToken`: whatever its form, it is used as one. */
export interface LegacyItem {
  readonly type: 'legacy-token'
  readonly text: string
}

/** A place that was read. */
export interface Reading {
  readonly place: ImportPlace
  readonly location: string
  readonly mode?: string | undefined
  readonly modifiedAt?: number | undefined
  /** The OAuth client of the program that keeps this place, where that is known; a name in the content outweighs it. */
  readonly clientId?: string | undefined
  /** Its session is that of another program, which goes on using it, whatever the content says (★14). */
  readonly othersSession?: boolean | undefined
  /** A folder that somebody has opened may have written it: its addresses are nobody's word (★1). */
  readonly ofFolder?: boolean | undefined
  readonly content: Content
}

/** A place that could not be read. */
export interface Unread extends Problem {
  readonly location: string
}

export const nothing: Content = { format: 'unknown', items: [], problems: [] }
