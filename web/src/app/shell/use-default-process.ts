import { useEffect, useState } from 'react'
import { useMeta } from '@/shared/api/queries'
import { lastTold, useProcess } from '@/shared/url/use-question'
import { useAddress, useSetAddress, useView } from '@/shared/url/use-view'

/** A process that an address named and that does not exist, and the one that is shown for it. */
export type WrongProcess = { named: string; shown: string }

/**
 * The process that is shown stands in the address, so that whoever gets it sees the same. Returns what the address named
 * in vain, until it is dismissed or another process is chosen.
 */
export function useDefaultProcess(): [WrongProcess | null, () => void] {
  const view = useView()
  // What is no day stays in the address until it was read.
  const named = useAddress().as_of
  const process = useProcess()?.key
  const setAddress = useSetAddress()
  const { processes, today } = useMeta()
  const [wrong, setWrong] = useState<WrongProcess | null>(null)
  // The address still holds the wrong name while it is being mended.
  if (wrong && view.process !== wrong.shown && view.process !== wrong.named) setWrong(null)
  useEffect(() => {
    if (!process || view.process === process) return
    if (view.process !== undefined) setWrong({ named: view.process, shown: process })
    void setAddress({ process, as_of: named ?? lastTold(processes, process, today) }, { replace: true })
  }, [process, view.process, named, processes, today, setAddress])
  return [wrong, () => setWrong(null)]
}
