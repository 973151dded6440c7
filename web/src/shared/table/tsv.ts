import type { CopiedColumn } from './RecordsTable'

/** Rows as tab-separated text that a spreadsheet understands and takes no formula from. */
export function tsv(rows: readonly (readonly (string | number | null | undefined)[])[]): string {
  return rows.map((cells) => cells.map(tame).join('\t')).join('\n')
}

function tame(cell: string | number | null | undefined): string {
  if (cell === null || cell === undefined) return ''
  const text = String(cell).replace(/[\t\r\n]+/g, ' ')
  return /^[=+@]|^-(?![\d.])/.test(text) ? `'${text}` : text
}

/** A list for a spreadsheet: values as they are, under heads that say just their unit, not that of the screen. */
export function copyOf<Row>(
  columns: readonly Pick<CopiedColumn<Row>, 'head' | 'plainHead' | 'text'>[],
  rows: readonly Row[],
): string {
  const heads = columns.map((column) => column.plainHead ?? column.head)
  return tsv([heads, ...rows.map((row) => columns.map((column) => column.text(row)))])
}
