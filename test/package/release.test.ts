import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { engines, version } from '../../package.json' with { type: 'json' }
import { temporaryDirectory } from '../support/directories.ts'
import { root } from '../tools/paths.mjs'
import { run } from '../tools/process.mjs'
import { releaseChannel } from '../tools/release-channel.mjs'
import { releaseNotes } from '../tools/release-notes.mjs'

const changelog = `# Changelog

## [Unreleased]

### Added

- Something that nobody has yet.

## [1.2.3] - 2026-11-23

### Added

- A store.

### Fixed

- A lock.

## [1.2.2] - 2026-11-01

## [1.2.1]

- Without a date.
`

describe('what a release says', () => {
  it('is the section of the changelog, and no other', () => {
    expect(releaseNotes({ tag: 'v1.2.3', version: '1.2.3', changelog })).toBe(
      '### Added\n\n- A store.\n\n### Fixed\n\n- A lock.',
    )
  })

  it.each([
    ['of another version than the package', 'v1.2.4', '1.2.3', 'it has to be v1.2.3'],
    ['without its v', '1.2.3', '1.2.3', 'it has to be v1.2.3'],
    ['that the changelog does not know', 'v1.3.0', '1.3.0', 'has no section "## [1.3.0]'],
    ['whose section has no date', 'v1.2.1', '1.2.1', 'has no section "## [1.2.1]'],
    ['whose section is empty', 'v1.2.2', '1.2.2', 'is empty'],
  ])('is refused for a tag %s', (_, tag, version, message) => {
    expect(() => releaseNotes({ tag, version, changelog })).toThrow(message)
  })

  it('ends the workflow when the tag is wrong', async () => {
    const program = join(root, 'test/tools/release-notes.mjs')
    const { code, stderr } = await run(process.execPath, [program, 'v0.0.0'])
    expect(code).toBe(1)
    expect(stderr).toContain(`it has to be v${version}`)
  })
})

describe('who asks for no version is given', () => {
  const tags = ['v1.2.3', 'v1.10.0', 'v2.0.0', 'v3.0.0-rc.1', 'nightly']

  it.each([
    ['the first one', 'v0.1.0', ['v0.1.0'], 'latest'],
    ['the highest one', 'v2.0.1', [...tags, 'v2.0.1'], 'latest'],
    ['the same one, where its release is repeated', 'v2.0.0', tags, 'latest'],
    ['no pre-release', 'v3.0.0-rc.1', tags, 'next'],
    ['no pre-release of an older version', 'v1.2.4-rc.1', tags, 'next'],
    ['no correction of an older version', 'v1.2.4', tags, 'latest-1.2'],
    ['no correction of an older version, by numbers', 'v1.9.1', tags, 'latest-1.9'],
  ])('%s', (_, tag, tags, channel) => {
    expect(releaseChannel(tag, tags)).toBe(channel)
  })
})

const workflow = (name: string) => readFile(join(root, '.github/workflows', name), 'utf8')

describe('the workflow of a release', async () => {
  const text = await workflow('release.yml')
  const [head = '', rest = ''] = text.split(/^jobs:\n/m)
  const [, ...jobs] = rest.split(/^ {2}(?=\w+:\n)/m)
  const [test = '', publish = '', release = ''] = jobs

  it('begins with no right at all, and gives each job what it needs', () => {
    expect(head).toContain('permissions: {}')
    const rights = jobs.map((job) => job.match(/^ {6}[\w-]+: (read|write)$/gm))
    expect(rights).toEqual([
      ['      contents: read'],
      ['      id-token: write'],
      ['      contents: write'],
    ])
  })

  it('publishes what was tested, after somebody has agreed, and runs no code of others there', () => {
    expect(test).toContain('.ci/run')
    expect(publish).toContain('needs: test\n')
    expect(publish).toContain('environment:\n      name: npm\n')
    expect(publish).toContain('npm publish ./package.tgz --provenance --access public')
    expect(publish).toContain('--tag "$(cat channel)"')
    expect(publish).not.toMatch(/actions\/checkout|npm (ci|install)|secrets\./)
    expect(release).toContain('needs: publish')
  })

  // The step is run by a shell of the runner, which is Linux.
  it.skipIf(process.platform === 'win32')('marks the release at GitHub as npm does', async () => {
    const [, choice = ''] = /^( +case .* esac)$/ms.exec(release) ?? []
    const folder = await temporaryDirectory()
    const marks = ['latest', 'next', 'latest-1.2'].map(async (channel, index) => {
      const cwd = join(folder, `${index}`)
      await mkdir(cwd)
      await writeFile(join(cwd, 'channel'), `${channel}\n`)
      const { stdout } = await run('sh', ['-c', `${choice}\necho "$mark"`], { cwd })
      return stdout.trim()
    })
    expect(await Promise.all(marks)).toEqual(['--latest', '--prerelease', '--latest=false'])
    expect(release).toContain('package.tgz "$mark"')
  })
})

describe('the workflows', async () => {
  const texts = await Promise.all(['ci.yml', 'release.yml'].map(workflow))
  const actions = texts.flatMap((text) => text.match(/(?<=uses: ).*/g) ?? [])

  it('name every action by its commit, each in one version', () => {
    expect(actions).toHaveLength(12)
    for (const action of actions) expect(action).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    const names = new Set(actions.map((action) => action.split('@')[0]))
    expect([...new Set(actions)]).toHaveLength(names.size)
  })

  it('test with the oldest Node.js that the package asks for', () => {
    const [, oldest] = /node: \["([^"]+)"/.exec(texts[0] ?? '') ?? []
    expect(`>=${oldest}`).toBe(`${engines.node}.0`)
  })
})
