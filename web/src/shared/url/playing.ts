/** Whether the weeks are being played: what is drawn then stands still from step to step. Known to all, kept nowhere. */
import { useSyncExternalStore } from 'react'

let playing = false
const listeners = new Set<() => void>()

export function setPlaying(next: boolean): void {
  playing = next
  for (const listener of listeners) listener()
}

export function usePlaying(): boolean {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    () => playing,
  )
}
