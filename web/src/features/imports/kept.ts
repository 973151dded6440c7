/**
 * How an upload is to be read, as far as somebody has said it: kept in the browser, so that neither loading the page
 * anew nor closing it loses anything. The server holds the files; the address holds their number.
 */
import type { Recipe, Upload } from './api'

type Kept = { at: number; recipe: Recipe }

const prefix = 'loudou.import.'
const keyOf = (upload: number) => `${prefix}${upload}`

/** The server keeps an upload for a day after it was last touched; nobody comes back to one of the day before. */
const longest = 2 * 24 * 3600 * 1000

/** What was kept of an upload; nothing where it is too old, or about files that the upload does not have. */
export function keptRecipe({ id, files }: Upload, now = Date.now()): Recipe | null {
  const recipe = read(keyOf(id), now)?.recipe
  if (!recipe) return null
  if (typeof recipe.profile === 'string') return recipe
  const table = recipe.mapping?.table?.file
  return table !== undefined && files.some((file) => file.name === table) ? recipe : null
}

export function keepRecipe(upload: number, recipe: Recipe, now = Date.now()): void {
  quietly(() => localStorage.setItem(keyOf(upload), JSON.stringify({ at: now, recipe } satisfies Kept)))
}

/** Once an upload is imported, thrown away or gone. */
export function forgetRecipe(upload: number): void {
  quietly(() => localStorage.removeItem(keyOf(upload)))
}

/** Lets go of what belongs to uploads that the server no longer has. */
export function forgetOldRecipes(now = Date.now()): void {
  quietly(() => {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix))
    for (const key of keys) if (!read(key, now)) localStorage.removeItem(key)
  })
}

function read(key: string, now: number): Kept | null {
  return quietly(() => {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Kept | null
    return kept && typeof kept.recipe === 'object' && now - kept.at <= longest ? kept : null
  })
}

/** A full or forbidden storage costs no more than typing it again. */
function quietly<T>(run: () => T): T | null {
  try {
    return run()
  } catch {
    return null
  }
}
