/** What marks the row of a table that somebody came for by a search, and brings it into sight. */
export function wantedRow(wanted: boolean) {
  if (!wanted) return {}
  return {
    'aria-current': true,
    ref: (row: HTMLElement | null) => row?.scrollIntoView?.({ block: 'center' }),
  } as const
}
