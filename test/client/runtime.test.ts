import { afterEach, describe, expect, it, vi } from 'vitest'
import { isBrowser } from '../../src/client/runtime.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('a page’s rules', () => {
  it('hold in a page, and in a worker of a browser, which has no document', () => {
    vi.stubGlobal('document', {})
    vi.stubGlobal('window', {})
    expect(isBrowser()).toBe(true)
    vi.unstubAllGlobals()
    vi.stubGlobal('importScripts', () => {})
    expect(isBrowser()).toBe(true)
  })

  it('do not hold on a server', () => {
    expect(isBrowser()).toBe(false)
  })
})
