import { unref } from '../async/abort.ts'
import { isFields } from '../json/fields.ts'
import type { BrowserWorld } from './world.ts'

/** Tells of changes between the pages that share a place, this one included. */
export interface Changes {
  /** Says that the account of this name has changed; nothing of what is in it. */
  announce(name: string): void
  /** Calls `listener` after a change, and when one may have been missed. Returns how to stop. */
  listen(name: string, listener: () => void): () => void
}

export function changesOf(world: BrowserWorld, place: string): Changes {
  /** None where storage is blocked: Firefox refuses it as well, and nothing is shared then. */
  function openChannel(): BroadcastChannel | undefined {
    try {
      return world.BroadcastChannel && new world.BroadcastChannel(place)
    } catch {
      return undefined
    }
  }

  return {
    announce(name) {
      const channel = openChannel()
      channel?.postMessage({ name })
      channel?.close()
    },

    listen(name, listener) {
      const channel = openChannel()
      unref(channel)
      if (channel !== undefined) {
        channel.onmessage = ({ data }: MessageEvent<unknown>) => {
          if (isFields(data) && data.name === name) listener()
        }
      }
      const stopWaiting = onReturn(world, listener)
      return () => {
        channel?.close()
        stopWaiting()
      }
    },
  }
}

/** A page that stood still (frozen, or in the cache of pages to go back to) has heard nothing meanwhile. */
function onReturn({ window, document }: BrowserWorld, listener: () => void): () => void {
  const onShow = ({ persisted }: PageTransitionEvent) => {
    if (persisted) listener()
  }
  const onVisible = () => {
    if (document?.visibilityState === 'visible') listener()
  }
  window?.addEventListener('pageshow', onShow)
  document?.addEventListener('visibilitychange', onVisible)
  return () => {
    window?.removeEventListener('pageshow', onShow)
    document?.removeEventListener('visibilitychange', onVisible)
  }
}
