/** Rows as tab-separated text that a spreadsheet understands and takes no formula from. */
export function tsv(rows: readonly (readonly (string | number | null | undefined)[])[]): string {
  return rows.map((cells) => cells.map(tame).join('\t')).join('\n')
}

function tame(cell: string | number | null | undefined): string {
  if (cell === null || cell === undefined) return ''
  const text = String(cell).replace(/[\t\r\n]+/g, ' ')
  return /^[=+@]|^-(?![\d.])/.test(text) ? `'${text}` : text
}
