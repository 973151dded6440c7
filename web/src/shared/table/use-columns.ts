import { useState } from 'react'

/** Which columns of a list are shown; remembered by this browser. */
export function useColumns(list: string, all: readonly string[], first: readonly string[]) {
  const key = `loudou.columns.${list}`
  const [shown, setShown] = useState<string[]>(() => {
    return (localStorage.getItem(key) ?? '').split(',').filter(Boolean)
  })
  const set = (next: string[]) => {
    const kept = all.filter((one) => next.includes(one))
    localStorage.setItem(key, kept.join(','))
    setShown(kept)
  }
  // Which columns there are may be known only later: own fields are read from the server.
  const known = shown.filter((one) => all.includes(one))
  return [known.length ? known : [...first], set] as const
}
