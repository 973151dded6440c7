/** What is to be done to the tables of an upload before they are mapped: which one comes in, and the steps of each. */
import type { Mapping, SuggestAsk, TableChoice, Upload } from '../api'
import { broughtIn, isKind, type Item, itemsOf, lackingIn, newId, type Step } from './step'

/** A table of the upload; the sheet only where it is not the one that is looked at by itself. */
export type TableRef = { file: string; sheet?: string; header_row?: number }
export type CleanTable = TableRef & { items: Item[] }
export type Cleaning = {
  /** The table that comes in; the likeliest one until somebody says so. */
  main: string | null
  /** Somebody said that it holds deals, whatever it seems to hold. */
  isDeals?: boolean
  tables: Record<string, CleanTable>
}

export const nothingToClean: Cleaning = { main: null, tables: {} }

export const keyOf = ({ file, sheet }: TableRef): string => (sheet ? `${file} · ${sheet}` : file)

/** The tables of an upload that can be read, every sheet of a workbook for itself. */
export function tablesOf(upload: Upload): TableRef[] {
  return upload.files
    .filter((file) => !file.problem)
    .flatMap((file) =>
      file.sheets && file.sheets.length > 1
        ? file.sheets.map((sheet) => (sheet === file.sheet ? { file: file.name } : { file: file.name, sheet }))
        : [{ file: file.name }],
    )
}

/** A table with its steps, whether anything was said of it yet. */
export function tableOf(cleaning: Cleaning, upload: Upload, key: string): CleanTable {
  const ref = tablesOf(upload).find((one) => keyOf(one) === key) ?? { file: key }
  return cleaning.tables[key] ?? { ...ref, items: [] }
}

/** The cleaning with a table put otherwise. */
export function withTable(cleaning: Cleaning, key: string, table: CleanTable): Cleaning {
  return { ...cleaning, tables: { ...cleaning.tables, [key]: table } }
}

/** The items that do something at present: neither switched off nor still to be filled in. */
export const active = (items: readonly Item[]): Item[] =>
  items.filter((item) => !item.off && lackingIn(item.step).length === 0)

/** What steps call a table: its file without what stands behind the point, and its sheet. */
export function nameOf(ref: TableRef): string {
  const stem = ref.file.replace(/^.*\//, '').replace(/\.[^.]*$/, '')
  return ref.sheet ? `${stem} ${ref.sheet}` : stem
}

/**
 * The tables that the steps of one may bring in, by the names that steps call them; no two have the same, and a table has
 * one name whichever brings it in.
 */
export function othersOf(upload: Upload, key: string): Record<string, TableRef> {
  const named: Record<string, TableRef> = {}
  for (const ref of tablesOf(upload)) {
    // The mapping's own tables have these names.
    const taken = (name: string) => name in named || ['deals', 'changes'].includes(name)
    const plain = nameOf(ref)
    let name = taken(plain) ? keyOf(ref) : plain
    while (taken(name)) name = `${name}'`
    named[name] = ref
  }
  return Object.fromEntries(Object.entries(named).filter(([, ref]) => keyOf(ref) !== key))
}

/** What the server is asked: a table with the steps that do something, and the tables that those bring in. */
export function askedOf(
  cleaning: Cleaning,
  upload: Upload,
  key: string,
  items: readonly Item[] = tableOf(cleaning, upload, key).items,
): { table: TableChoice; tables: Record<string, TableChoice>; ids: string[] } {
  const sent = active(items)
  const choice = (ref: TableRef, of: readonly Item[]): TableChoice => {
    const steps = of.map((item) => item.step as unknown as NonNullable<TableChoice['steps']>[number])
    return {
      file: ref.file,
      ...(ref.sheet ? { sheet: ref.sheet } : {}),
      ...(ref.header_row ? { header_row: ref.header_row } : {}),
      ...(steps.length ? { steps } : {}),
    }
  }
  const others = othersOf(upload, key)
  const tables: Record<string, TableChoice> = {}
  // A table that is brought in may bring in others itself.
  const waiting = sent.map((item) => broughtIn(item.step))
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const ref = name === null ? undefined : others[name]
    if (name === null || name in tables || !ref) continue
    const own = tableOf(cleaning, upload, keyOf(ref))
    tables[name] = choice(own, active(own.items))
    waiting.push(...active(own.items).map((item) => broughtIn(item.step)))
  }
  return { table: choice(tableOf(cleaning, upload, key), sent), tables, ids: sent.map((item) => item.id) }
}

/** What the server is asked of all tables: the one that comes first, and further ones that are cleaned for themselves. */
export function suggestionAsk(cleaning: Cleaning, upload: Upload): { ask: SuggestAsk; hasSteps: boolean } {
  const { main, isDeals } = cleaning
  const first = main === null ? null : askedOf(cleaning, upload, main)
  const own = Object.entries(cleaning.tables).filter(
    ([key, table]) => key !== main && (active(table.items).length > 0 || table.header_row),
  )
  const others = own.map(([key]) => askedOf(cleaning, upload, key))
  const tables = Object.assign({}, ...others.map((other) => other.tables), first?.tables ?? {}) as NonNullable<
    SuggestAsk['tables']
  >
  const isBrought = (choice: TableChoice) =>
    Object.values(tables).some((one) => one.file === choice.file && one.sheet === choice.sheet)
  const further = others.map((other) => other.table).filter((choice) => !isBrought(choice))
  return {
    ask: {
      ...(first ? first.table : {}),
      ...(isDeals ? { is_deals: true } : {}),
      ...(further.length ? { others: further } : {}),
      ...(first?.ids.length || further.length ? { tables } : {}),
    },
    hasSteps: (first?.ids.length ?? 0) > 0 || further.length > 0,
  }
}

/** A table of a mapping among those of the upload. */
export function refOf(table: TableChoice, upload: Upload): TableRef {
  const file = upload.files.find((one) => one.name === table.file)
  const isOther = table.sheet && file && (file.sheets ?? []).length > 1 && file.sheet !== table.sheet
  return {
    file: table.file,
    ...(isOther && table.sheet ? { sheet: table.sheet } : {}),
    ...(table.header_row && table.header_row !== file?.header_row ? { header_row: table.header_row } : {}),
  }
}

/** The cleaning that a mapping holds: what an import of before did, to be done to these files. */
export function cleaningOf(mapping: Mapping, upload: Upload): Cleaning {
  const first = mapping.table ?? mapping.records?.[0]?.table
  if (!first) return nothingToClean
  const main = refOf(first, upload)
  const names = othersOf(upload, keyOf(main))
  const given = mapping.tables ?? {}
  // What the steps of before called another table is called by its file's name here.
  const called = (name: string) => {
    const table = given[name]
    const found = table && Object.entries(names).find(([, ref]) => keyOf(ref) === keyOf(refOf(table, upload)))
    return found ? found[0] : name
  }
  const items = (steps: TableChoice['steps']) =>
    itemsOf(steps).map((item) =>
      item.step.do === 'join' || item.step.do === 'append'
        ? { ...item, step: { ...item.step, with: called(item.step.with) } as Step }
        : item,
    )
  const tables: Cleaning['tables'] = { [keyOf(main)]: { ...main, items: items(first.steps) } }
  for (const table of [...Object.values(given), ...(mapping.records ?? []).map((one) => one.table)]) {
    const ref = refOf(table, upload)
    tables[keyOf(ref)] ??= { ...ref, items: items(table.steps) }
  }
  return { main: keyOf(main), ...(mapping.table ? { isDeals: true } : {}), tables }
}

/** What was kept in the browser, as far as it is a cleaning of this upload. */
export function soundCleaning(kept: unknown, upload: Upload): Cleaning {
  const { main, isDeals, tables } = (kept ?? {}) as Partial<Cleaning>
  const known = new Set(tablesOf(upload).map(keyOf))
  if (typeof tables !== 'object' || tables === null) return nothingToClean
  const sound = Object.entries(tables).filter(
    ([key, table]) =>
      known.has(key) &&
      Array.isArray(table?.items) &&
      table.items.every((item) => typeof item?.id === 'string' && isKind(item.step?.do)),
  )
  const stands = typeof main === 'string' && known.has(main)
  return {
    main: stands ? main : null,
    ...(stands && isDeals === true ? { isDeals } : {}),
    tables: Object.fromEntries(sound),
  }
}

/** Whether anything at all is done to a table. */
export const isCleaned = (cleaning: Cleaning, upload: Upload, key: string): boolean =>
  active(tableOf(cleaning, upload, key).items).length > 0

export function moved(items: readonly Item[], from: number, to: number): Item[] {
  const next = [...items]
  const [item] = next.splice(from, 1)
  if (item) next.splice(to, 0, item)
  return next
}

export function copied(items: readonly Item[], id: string): Item[] {
  return items.flatMap((item) => (item.id === id ? [item, { ...item, id: newId() }] : [item]))
}

/** The steps that were tried in an order, and the places (from 1 on) of those that do not fit. */
type Tried = { ids: readonly string[]; failed: readonly number[] }

/** Which step an order would break: the first that does not fit now, and did in the old order. */
export function brokenBy(before: Tried, after: Tried): string | null {
  const failed = ({ ids, failed }: Tried) => failed.flatMap((place) => ids[place - 1] ?? [])
  const known = failed(before)
  return failed(after).find((id) => before.ids.includes(id) && !known.includes(id)) ?? null
}
