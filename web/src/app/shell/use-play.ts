import { useIsFetching } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { addDays } from '@/shared/format/dates'
import { setPlaying, usePlaying } from '@/shared/url/playing'
import { useSetAddress } from '@/shared/url/use-view'

export const speeds = [0.5, 1, 2, 4] as const

const weeksBack = 26

/** The speed after this one; after the slowest the fastest again. */
export function nextSpeed(seconds: number): number {
  return speeds[(speeds.findIndex((one) => one === seconds) + 1) % speeds.length] ?? 1
}

/** The next day to show while playing; null means that today is reached. */
export function nextWeek(asOf: string, today: string): string | null {
  const next = addDays(asOf, 7)
  return next < today ? next : null
}

/** Where playing begins when it is started at today: half a year back, or at the first day known. */
export function playStart(today: string, firstDay: string | null): string {
  const start = addDays(today, -7 * weeksBack)
  return firstDay && firstDay > start ? firstDay : start
}

/** Plays week by week up to today: a step is taken once the answers of the day that is shown have come. */
export function usePlay(asOf: string, today: string, firstDay: string | null) {
  const playing = usePlaying()
  const [seconds, setSeconds] = useState<number>(1)
  const waiting = useIsFetching() > 0
  const setAddress = useSetAddress()

  useEffect(() => {
    if (!playing || waiting) return
    const next = nextWeek(asOf, today)
    const timer = window.setTimeout(() => {
      void setAddress({ as_of: next ?? undefined }, { replace: true })
      if (next === null) setPlaying(false)
    }, seconds * 1000)
    return () => window.clearTimeout(timer)
  }, [playing, waiting, asOf, today, seconds, setAddress])

  useEffect(() => () => setPlaying(false), [])

  const toggle = () => {
    if (!playing && asOf >= today) void setAddress({ as_of: playStart(today, firstDay) })
    setPlaying(!playing)
  }
  return { playing, toggle, stop: () => setPlaying(false), seconds, setSeconds }
}
