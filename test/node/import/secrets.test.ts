import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import type { ClientEvents } from '../../../src/client/events.ts'
import { fileStore } from '../../../src/node.ts'
import { cliConfig, encryptedFile, oldSalts } from '../../import/fixtures/contents.ts'
import {
  apiKey,
  hashOf,
  jwt,
  opaqueToken,
  refreshToken,
} from '../../import/fixtures/credentials.ts'
import { homeWith, importer } from '../../import/fixtures/home.ts'
import { modeOf } from '../../support/directories.ts'
import { epoch } from '../../support/setup.ts'

/** Old places with a secret in every field that can hold one, in every state that is reported differently. */
function everything() {
  const secrets: string[] = []
  const secret = (text: string) => {
    secrets.push(text)
    return text
  }
  const pair = () => ({
    access_token: secret(opaqueToken()),
    refresh_token: secret(refreshToken()),
    expires_at: epoch + 1000,
  })
  const files = {
    '.maas.config': { token: secret(jwt()), auth: { api_key: secret(`pk_${opaqueToken()}`) } },
    '.maas/config.json': cliConfig({
      token: secret(opaqueToken()),
      refresh_token: secret(refreshToken()),
      vendorKey: secret(hashOf('a key')),
      apiUrl: `https://user:${secret(opaqueToken())}@api.lanonasis.com/${secret(opaqueToken())}`,
      authMethod: secret(opaqueToken()),
    }),
    '.maas/config.json.bak': `{"token": "${secret(opaqueToken())}`,
    '.lanonasis/mcp-tokens.enc': encryptedFile(pair(), { salt: oldSalts.tokens }),
    '.lanonasis/api-key.enc': encryptedFile({ apiKey: secret(apiKey()) }, { salt: oldSalts.key }),
    '.lanonasis/credentials.json': { ...pair(), client_id: secret(opaqueToken()) },
    '.onasis/config.json': `${JSON.stringify(pair())} trailing`,
    '.lanonasis/api-key.txt': secret(`sk_${opaqueToken()}`),
  }
  const env = {
    LANONASIS_API_KEY: secret(apiKey()),
    LANONASIS_TOKEN: secret(jwt()),
    MEMORY_API_KEY: secret(opaqueToken()),
  }
  // Of a key its public half may be shown, of everything else not even the beginning.
  const shown = secrets.map((text) =>
    /^pk_[0-9a-f]+\.sk_/.test(text) ? (text.split('.')[1] ?? '') : text,
  )
  const traces = shown.flatMap((text) => [text, text.slice(0, 16), text.slice(-16)])
  return { files, env, traces }
}

const leaked = (text: string, traces: readonly string[]) =>
  traces.filter((trace) => text.includes(trace))

describe('an import shows no secret', () => {
  it.each([{}, { dryRun: true }, { oldFiles: 'tighten' }, { oldFiles: 'remove' }] as const)(
    'in its report (%j)',
    async (options) => {
      const { files, env, traces } = everything()
      const { run } = await importer(files)
      const report = await run({ env, ...options })
      expect(leaked(JSON.stringify(report), traces)).toEqual([])
      expect(leaked(inspect(report, { depth: 9, showHidden: true }), traces)).toEqual([])
      expect(JSON.parse(JSON.stringify(report))).toEqual(report)
      // There was something of every kind to be shown.
      expect(report.found.length).toBeGreaterThan(7)
      expect(report.taken.length).toBeGreaterThan(1)
      expect(report.unusable.length).toBeGreaterThan(5)
    },
  )

  it('in events, on the console, or in requests, of which it sends none', async () => {
    const { files, env, traces } = everything()
    const { client, run, platform } = await importer(files)
    const events: unknown[] = []
    const names: (keyof ClientEvents)[] = ['session', 'refresh', 'degraded', 'store', 'request']
    for (const name of names) client.on(name, (event) => events.push([name, event]))
    const printed = vi.spyOn(process.stdout, 'write')
    const complained = vi.spyOn(process.stderr, 'write')
    await run({ env })
    expect(printed).not.toHaveBeenCalled()
    expect(complained).not.toHaveBeenCalled()
    printed.mockRestore()
    complained.mockRestore()
    expect(platform.requests).toEqual([])
    expect(events).not.toEqual([])
    expect(leaked(inspect(events, { depth: 9 }), traces)).toEqual([])
  })

  it('★30 in a file that is not 0600, besides those where they were', async () => {
    const { files, env, traces } = everything()
    const place = await homeWith({})
    const store = fileStore({ path: join(place, '.maas.config') })
    const { run, home } = await importer(files, { store })
    const before = await contentsOf(home)
    await run({ env })
    expect(await contentsOf(home)).toEqual(before)
    const written = await contentsOf(place)
    expect(Object.keys(written)).toEqual(['.maas.config'])
    expect(leaked(written['.maas.config'] ?? '', traces)).not.toEqual([])
    expect(await modeOf(join(place, '.maas.config'))).toBe('0600')
  })
})

async function contentsOf(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Object.fromEntries(
    await Promise.all(
      files.map(async ({ parentPath, name }) => {
        const path = join(parentPath, name)
        return [path.slice(directory.length + 1), await readFile(path, 'utf8')] as const
      }),
    ),
  )
}
