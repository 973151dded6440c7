import { useEffect, useRef, useState } from 'react'
import type { Upload } from '../api'
import { brokenBy, type Cleaning, moved, tableOf } from './cleaning'
import type { Item } from './step'
import { type Seen, useTrial } from './use-cleaned'
import type { View } from './view'

export type Refused = { id: string; place: number; problem: NonNullable<View['problem']> }

type Props = { upload: Upload; cleaning: Cleaning; key: string; seen: Seen | null; put: (items: Item[]) => void }

/** Another order of the steps, once the server has taken it: one that breaks a step which fitted before is refused. */
export function useOrder({ upload, cleaning, key, seen, put }: Props) {
  const trial = useTrial(upload)
  const [isAsking, setIsAsking] = useState(false)
  const [refused, setRefused] = useState<Refused | null>(null)
  const [error, setError] = useState<unknown>(null)
  // Steps may be changed while the server is asked: what it takes is the order alone.
  const latest = useRef({ cleaning, put })
  useEffect(() => {
    latest.current = { cleaning, put }
  })
  const move = async (id: string, by: -1 | 1) => {
    const { items } = tableOf(cleaning, upload, key)
    const from = items.findIndex((item) => item.id === id)
    const to = from + by
    if (isAsking || from === -1 || to < 0 || to >= items.length) return
    const next = moved(items, from, to)
    setIsAsking(true)
    setRefused(null)
    setError(null)
    try {
      const would = await trial(cleaning, key, next)
      const broken = brokenBy(tried(seen), tried(would))
      const failed = would.answer.failed.find((one) => would.ids[one.step - 1] === broken)
      const place = next.findIndex((item) => item.id === broken)
      if (broken && failed) setRefused({ id: broken, place, problem: failed.problem })
      else {
        const now = tableOf(latest.current.cleaning, upload, key).items
        const stands = now.findIndex((item) => item.id === id)
        if (stands !== -1) latest.current.put(moved(now, stands, Math.min(to, now.length - 1)))
      }
    } catch (problem) {
      setError(problem)
    } finally {
      setIsAsking(false)
    }
  }
  return { move, isAsking, refused, error, forget: () => setRefused(null) }
}

/** Steps behind one that is none were not tried. */
const tried = (seen: Seen | null) => ({
  ids: seen?.ids.slice(0, seen.answer.tables.length) ?? [],
  failed: seen?.answer.failed.map((one) => one.step) ?? [],
})

export type Order = ReturnType<typeof useOrder>
