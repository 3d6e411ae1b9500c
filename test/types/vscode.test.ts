import type { LanonasisClient, LoginFlow, TokenStore } from '@lanonasis/auth-client'
import {
  type ActivationContext,
  type AuthenticatingEditor,
  type AuthenticationProvider,
  createClient,
  type Editor,
  type EditorFiles,
  type EditorUri,
  type EditorUriHandler,
  type ExtensionContext,
  type HostEnvironment,
  importCredentials,
  type PromptingEditor,
  type registerAuthenticationProvider,
  secretStorageStore,
  uriHandlerFlow,
  type VscodeClientOptions,
  type VscodeImportOptions,
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

describe('editorPrompts and importCredentials', () => {
  it('take the API of VS Code', () => {
    expectTypeOf<typeof vscode>().toExtend<PromptingEditor>()
    expectTypeOf<typeof vscode>().toExtend<EditorFiles<vscode.Uri>>()
  })
})

describe('the client for an extension', () => {
  it('takes the API of the editor as it is imported, and what activate is given', () => {
    expectTypeOf<typeof vscode>().toExtend<Editor>()
    expectTypeOf<vscode.ExtensionContext>().toExtend<ActivationContext>()
    expectTypeOf<{
      vscode: typeof vscode
      context: vscode.ExtensionContext
    }>().toExtend<VscodeClientOptions>()
    expectTypeOf<{ vscode: typeof vscode; context: string }>().not.toExtend<VscodeClientOptions>()
    expectTypeOf(createClient).returns.toEqualTypeOf<LanonasisClient>()
  })

  it('takes the URIs that a handler gets, and is one', () => {
    expectTypeOf<vscode.Uri>().toExtend<EditorUri>()
    expectTypeOf<EditorUriHandler>().toExtend<vscode.UriHandler>()
    expectTypeOf(uriHandlerFlow).returns.toExtend<LoginFlow>()
  })

  it('imports through the same API', () => {
    expectTypeOf<{
      vscode: typeof vscode
      context: vscode.ExtensionContext
    }>().toExtend<VscodeImportOptions<vscode.Uri>>()
    expectTypeOf(importCredentials<vscode.Uri>)
      .parameter(0)
      .toEqualTypeOf<LanonasisClient>()
  })
})

describe('the session that is offered to others', () => {
  it('is registered at the editor as it is imported', () => {
    expectTypeOf<typeof vscode>().toExtend<AuthenticatingEditor>()
    expectTypeOf<AuthenticationProvider>().toExtend<vscode.AuthenticationProvider>()
    expectTypeOf<{
      vscode: typeof vscode
      context: vscode.ExtensionContext
      client: LanonasisClient
    }>().toExtend<Parameters<typeof registerAuthenticationProvider>[0]>()
    expectTypeOf<ReturnType<typeof registerAuthenticationProvider>>().toExtend<vscode.Disposable>()
  })
})
