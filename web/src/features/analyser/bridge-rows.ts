import type { Analyser, Row } from '@/shared/api/types'
import type { Measure } from './use-analyser'

/** The lines that add up from begin to end; what came and left again, and what only explains, is in the table. */
export function bridgeRows(bridge: Analyser['bridge'], measure: Measure): Row[] {
  // Deals that grew or shrank were there before and still are: by count only comings and goings make the bridge.
  return (bridge.rows as Row[]).filter(
    (row) =>
      ['=', '+', '−', '-'].includes(String(row.sign)) &&
      (measure === 'amount' || !['grown', 'shrunk'].includes(String(row.line))),
  )
}
