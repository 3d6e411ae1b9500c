import { expect, it } from 'vitest'
import { missingFrom, readLockfile } from '../tools/lockfile.mjs'

it('npm ci works on every platform: no optional dependency lacks its entry', () => {
  // Mended by: node test/tools/lockfile.mjs
  expect(missingFrom(readLockfile())).toEqual([])
})

it('the lock file names no registry', () => {
  const resolved = Object.values(readLockfile().packages).flatMap(({ resolved }) => resolved ?? [])
  expect(resolved).toEqual([])
})
