import type { TokenStore } from '@lanonasis/auth-client'
import {
  type ExtensionContext,
  type HostEnvironment,
  secretStorageStore,
} from '@lanonasis/auth-client/vscode'
import { describe, expectTypeOf, it } from 'vitest'
import type * as vscode from 'vscode'

describe('secretStorageStore', () => {
  it('takes what VS Code gives to an extension', () => {
    expectTypeOf<vscode.ExtensionContext>().toExtend<ExtensionContext>()
    expectTypeOf<typeof vscode.env>().toExtend<HostEnvironment>()
    expectTypeOf(secretStorageStore).returns.toEqualTypeOf<TokenStore>()
  })
})
