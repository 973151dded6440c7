import { useState } from 'react'

/** Which columns of a list are shown; remembered by this browser. */
export function useColumns(list: string, all: readonly string[], first: readonly string[]) {
  const key = `loudou.columns.${list}`
  const [shown, setShown] = useState<string[]>(() => {
    const known = (localStorage.getItem(key) ?? '').split(',').filter((one) => all.includes(one))
    return known.length ? known : [...first]
  })
  const set = (next: string[]) => {
    const kept = all.filter((one) => next.includes(one))
    localStorage.setItem(key, kept.join(','))
    setShown(kept)
  }
  return [shown, set] as const
}
