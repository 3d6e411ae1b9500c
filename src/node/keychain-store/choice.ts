import type { Fields } from '../../json/fields.ts'
import { placeName, type StoreChoice } from '../../store/store.ts'
import type { Alone } from '../files/alone.ts'
import { removeFile } from '../files/set-aside.ts'
import { describeKeychain } from './description.ts'
import {
  choicesIn,
  holdsAccounts,
  isEmptyIndex,
  readSoundIndex,
  withChoices,
  withoutChoices,
} from './index-file.ts'

export interface IndexChoiceOptions {
  readonly path: string
  readonly service: string
  readonly alone: Alone
  readonly soundIndex: () => Promise<Fields>
}

/** What lists of stores remember in the index of a keychain, which can be read without the keychain. */
export function indexChoice({ path, service, alone, soundIndex }: IndexChoiceOptions): StoreChoice {
  return {
    async read(places) {
      const index = await soundIndex()
      const here = holdsAccounts(index, service) ? placeName(describeKeychain(service)) : undefined
      return choicesIn(index, service).find((place) => places.includes(place)) ?? here
    },
    settle: (place, places) =>
      alone(async (save) => {
        const index = await readSoundIndex(path)
        const choices = choicesIn(index, service)
        const choice = choices.find((chosen) => places.includes(chosen))
        if (choice === undefined) await save(withChoices(index, service, [...choices, place]))
        return choice ?? place
      }),
    clear: (places) =>
      alone(async (save) => {
        const index = withoutChoices(await readSoundIndex(path), service, places)
        // Accounts that are here are looked for here, although the keychain may be out of reach.
        if (isEmptyIndex(index)) await removeFile(path)
        else if (!holdsAccounts(index, service)) await save(index)
      }),
  }
}
