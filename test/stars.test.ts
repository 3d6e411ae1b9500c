import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** The traps of CONTRACT.md: each has a test whose title begins with its star and number. */
const traps: readonly (readonly [number: number, section: number, name: string])[] = [
  [1, 1, "an address from a file is not the user's own word"],
  [2, 1, 'a base that has a path, joined with a route'],
  [3, 1, 'the staging gateway is another issuer'],
  [4, 1, 'TLS except for loopback; a typo in a variable is an error'],
  [5, 2, 'exactly one credential header'],
  [6, 2, 'never a credential in a URL'],
  [7, 2, 'redirects: X-API-Key goes along, and a 307 carries the body'],
  [8, 2, 'optional headers in browsers'],
  [9, 2, 'the SHA-256 of a key is as secret as the key'],
  [10, 3, "errors of authorize stay in the person's browser"],
  [11, 3, 'authorize and token carry the identical redirect'],
  [12, 3, 'no state in token requests'],
  [13, 3, 'rotation kills the old pair at once'],
  [14, 3, 'a refresh token is bound to its client'],
  [15, 3, 'one refresh serves all processes'],
  [16, 3, 'the wrong endpoint answers as for a dead token'],
  [17, 3, 'revocation needs a double submit'],
  [18, 3, 'the scope of a device answer is a project scope'],
  [19, 4, 'rotate needs a body'],
  [20, 4, 'a 500 that is a mistake of the client'],
  [21, 4, 'rotation keeps the id and kills the old secret'],
  [22, 5, 'answers wrapped or bare'],
  [23, 5, 'a plain 401 proves nothing'],
  [24, 6, '"No token provided" although one was sent'],
  [25, 7, 'unknown methods get no answer'],
  [26, 7, 'messages before the ack are lost'],
  [27, 7, 'a bad key is accepted at the handshake'],
  [28, 7, 'Last-Event-ID forces a preflight'],
  [29, 8, 'an opaque token labelled jwt'],
  [30, 8, 'files that were readable by everybody'],
]

/** A text that begins with a star and its number: the title of a test, or of one of its cases. */
const starred = /(?<=['"`])((?:★\d+ )+)(?=[^'"`])/g

const tested = starsInTitles()
const untested = traps.filter(([number]) => !tested.has(number))
const describeTrap = ([number, section, name]: (typeof traps)[number]) =>
  `★${number} (§${section}) ${name}`

describe('the traps of the contract', () => {
  it('stand in the title of a test', () => {
    expect(untested.map(describeTrap)).toEqual([])
  })

  it('are those of the contract, and no other', () => {
    const known = traps.map(([number]) => number)
    expect(known).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
    expect([...tested].filter((number) => !known.includes(number))).toEqual([])
  })
})

function starsInTitles(): ReadonlySet<number> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const files = ['test', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.test\.[mc]?[jt]sx?$/.test(path) && !path.includes('node_modules'))
      .map((path) => join(root, folder, path)),
  )
  const titles = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(starred)])
  return new Set(titles.flatMap(([, stars = '']) => stars.match(/\d+/g) ?? []).map(Number))
}
