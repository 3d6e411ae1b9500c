/** What the guide uses of Electron, which is no dependency: only the shapes, as an application has them. */
export const electronShapes = `
declare module 'electron' {
  export const app: { on(event: 'will-quit', listener: () => void): void }
  export const shell: { openExternal(url: string): Promise<void> }
  export const ipcMain: {
    handle(
      channel: string,
      listener: (event: { senderFrame: { url: string } | null }, ...args: unknown[]) => unknown,
    ): void
  }
  export const ipcRenderer: { invoke(channel: string, ...args: unknown[]): Promise<unknown> }
  export const contextBridge: { exposeInMainWorld(key: string, api: unknown): void }
}
`
