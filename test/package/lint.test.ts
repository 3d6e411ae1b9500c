import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { expect, inject, it } from 'vitest'
import { pack } from '../tools/package.mjs'
import { tool } from '../tools/paths.mjs'
import { run } from '../tools/process.mjs'

const installed = inject('installed')

it('publint has nothing to say, strictly', async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, strict: true, pack: false })
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
})

it('the types are found by every way of resolving since Node.js 16', async () => {
  const { code, stdout, stderr } = await run(tool('attw'), [await pack(), '--profile', 'node16'], {
    env: { NO_COLOR: '1' },
  })
  expect({ code, said: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, said: '' })
})
