import type { ImportedKind, PassedOverReason } from './report.ts'

const names: Readonly<Record<ImportedKind, string>> = {
  tokens: 'session',
  'api-key': 'API key',
  'legacy-token': 'legacy token',
}

/** Why a good credential was left, in one sentence. */
export function passedOverMessage(kind: ImportedKind, reason: PassedOverReason): string {
  const name = names[kind]
  switch (reason) {
    case 'held':
      return `This ${name} is in the store already.`
    case 'same':
      return `This ${name} is in another place as well, and was taken from there.`
    case 'taken_before':
      return `An earlier import took this ${name}; the option “again” takes it once more.`
    case 'outranked':
      return kind === 'legacy-token'
        ? 'There is a session or another legacy token, which is worth more.'
        : `There is another ${name}, which is worth more.`
    case 'signed_out':
      return `Somebody has signed out here since; the option “again” takes this ${name} all the same.`
  }
}
