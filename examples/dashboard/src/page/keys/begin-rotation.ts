import type { ApiKeyRecord, ReplacedApiKey } from '@lanonasis/auth-client'
import { client } from '../client.ts'
import type { FreshKey } from './key-on-show.tsx'

/**
 * Makes a key that takes the place of another one. The other one lives until `old.end`: whatever is lost
 * before, be it an answer or the whole tab, the person has a key that works.
 */
export function beginRotation({ id, name }: ApiKeyRecord): Promise<FreshKey | undefined> {
  return new Promise((resolve, reject) => {
    const rotated: Promise<{ readonly replaced?: ReplacedApiKey }> = client.apiKeys.rotate(id, {
      handOver: (created) =>
        new Promise((stored) => {
          const end = async () => {
            stored()
            const { replaced } = await rotated
            if (replaced?.error !== undefined) throw replaced.error
          }
          resolve({ created, old: { name, end } })
        }),
    })
    rotated.then(
      ({ replaced }) => (replaced?.error ? reject(replaced.error) : resolve(undefined)),
      reject,
    )
  })
}
