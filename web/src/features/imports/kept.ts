/**
 * How an upload is to be read, as far as somebody has said it: kept in the tab, so that loading the page anew loses
 * nothing. The server holds the files; the address holds their number.
 */
import type { Recipe } from './api'

const keyOf = (upload: number) => `loudou.import.${upload}`

export function keptRecipe(upload: number): Recipe | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(upload)) ?? 'null') as Recipe | null
    if (typeof kept !== 'object' || kept === null) return null
    const whole = typeof kept.profile === 'string' || typeof kept.mapping?.table?.file === 'string'
    return whole ? kept : null
  } catch {
    return null
  }
}

export function keepRecipe(upload: number, recipe: Recipe): void {
  try {
    sessionStorage.setItem(keyOf(upload), JSON.stringify(recipe))
  } catch {
    // A full or forbidden storage costs no more than typing it again.
  }
}

export function forgetRecipe(upload: number): void {
  sessionStorage.removeItem(keyOf(upload))
}
