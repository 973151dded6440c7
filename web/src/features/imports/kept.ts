/**
 * How an upload is to be read, as far as somebody has said it: kept in the browser, so that neither loading the page
 * anew nor closing it loses anything. The server holds the files; the address holds their number.
 */
import type { Recipe, Upload } from './api'
import { type Cleaning, nothingToClean, soundCleaning } from './steps/cleaning'

/** Where one is in the wizard; what comes behind the mapping begins anew from there. */
export type Place = 'files' | 'clean' | 'mapping'
export type Work = { place: Place; recipe: Recipe | null; cleaning: Cleaning }

type Kept = { at: number; work: { [key in keyof Work]?: unknown } }

const prefix = 'loudou.import.'
const keyOf = (upload: number) => `${prefix}${upload}`

/** The server keeps an upload for a day after it was last touched; nobody comes back to one of the day before. */
const longest = 2 * 24 * 3600 * 1000

export const nothingSaid: Work = { place: 'files', recipe: null, cleaning: nothingToClean }

/** What was kept of an upload; of what is too old, or about files that the upload does not have, nothing. */
export function keptWork(upload: Upload, now = Date.now()): Work {
  const work = read(keyOf(upload.id), now)?.work
  if (!work) return nothingSaid
  const place = work.place === 'clean' || work.place === 'mapping' ? work.place : 'files'
  return { place, recipe: soundRecipe(work.recipe, upload), cleaning: soundCleaning(work.cleaning, upload) }
}

function soundRecipe(kept: unknown, { files }: Upload): Recipe | null {
  if (typeof kept !== 'object' || kept === null) return null
  const recipe = kept as Recipe
  if (typeof recipe.profile === 'string') return recipe
  const { mapping } = recipe
  const tables = mapping ? [mapping.table, ...(mapping.records ?? []).map((one) => one.table)] : []
  const named = tables.flatMap((table) => (table?.file === undefined ? [] : [table.file]))
  const isHere = (name: string) => files.some((file) => file.name === name)
  return named.length > 0 && named.every(isHere) ? recipe : null
}

export function keepWork(upload: number, work: Work, now = Date.now()): void {
  quietly(() => localStorage.setItem(keyOf(upload), JSON.stringify({ at: now, work } satisfies Kept)))
}

/** Once an upload is imported, thrown away or gone. */
export function forgetWork(upload: number): void {
  quietly(() => localStorage.removeItem(keyOf(upload)))
}

/** Lets go of what belongs to uploads that the server no longer has. */
export function forgetOldWork(now = Date.now()): void {
  quietly(() => {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix))
    for (const key of keys) if (!read(key, now)) localStorage.removeItem(key)
  })
}

function read(key: string, now: number): Kept | null {
  return quietly(() => {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Kept | null
    return kept && typeof kept.work === 'object' && kept.work !== null && now - kept.at <= longest ? kept : null
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
