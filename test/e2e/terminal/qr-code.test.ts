import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import { qrCodeOf } from '../../../src/login/device/qr-code.ts'
import { temporaryDirectory } from '../../support/directories.ts'
import { requirePrograms } from '../../support/system-packages.ts'
import { runOrThrow } from '../../tools/process.mjs'

const { missing } = await requirePrograms({ names: ['zbarimg'], package: 'zbar-tools' })
beforeEach(({ skip }) => {
  if (missing !== undefined) skip(missing)
})

const scale = 4

/** What a terminal shows, as a picture: each character is two squares, one above the other. */
function pictureOf(text: string, { dark }: { dark: boolean }): string {
  const rows = text
    .split('\n')
    .flatMap((line) => [
      Array.from(line, (character) => '█▀'.includes(character)),
      Array.from(line, (character) => '█▄'.includes(character)),
    ])
  // The rest of the terminal is around it.
  const width = (rows[0]?.length ?? 0) + 8
  const blank = () => new Array<boolean>(width).fill(false)
  const framed = rows.map((row) => [...blank().slice(0, 4), ...row, ...blank().slice(0, 4)])
  const all = [blank(), blank(), ...framed, blank(), blank()]
  // In this format 1 is black; a drawn square has the colour of text.
  const pixels = all.flatMap((row) => {
    const line = row.flatMap((drawn) => new Array<number>(scale).fill(drawn === dark ? 0 : 1))
    return new Array<string>(scale).fill(line.join(' '))
  })
  return `P1\n${width * scale} ${all.length * scale}\n${pixels.join('\n')}\n`
}

it.each(['dark', 'light'] as const)(
  'a scanner reads the code from a %s terminal',
  async (theme) => {
    const url = 'https://auth.lanonasis.com/oauth/device?code=ABCD-EFGH'
    const file = join(await temporaryDirectory(), 'screen.pbm')
    await writeFile(file, pictureOf((await qrCodeOf(url)) ?? '', { dark: theme === 'dark' }))
    const inverted = theme === 'light' ? ['--set', 'test-inverted=1'] : []
    const read = await runOrThrow('zbarimg', ['--quiet', '--raw', ...inverted, file])
    expect(read.trim()).toBe(url)
  },
)
