import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, ok } from '@/shared/api/client'
import type { Dimension } from '@/shared/api/types'
import { useGroupable, useGrouping, useProcess, useQuestion } from '@/shared/url/use-question'
import { useAddressValue } from '@/shared/url/use-view'

const hasTargets = (dimension: Dimension) => dimension.has_targets

/** The page's own choices, all of them in the address. */
export function useChoices() {
  const { by, setBy, groupable } = useGrouping(hasTargets)
  const dimensions = useGroupable()
  const stages = useProcess()?.stages
  const [chosenStage, setStage] = useAddressValue('stage')
  const [measure, setMeasure] = useAddressValue('measure')
  const [pivotRows, setPivotRows] = useAddressValue('pivot_rows')
  const [pivotColumns, setPivotColumns] = useAddressValue('pivot_columns')
  // What an address names and this process or company does not have is not asked for.
  const stage = stages?.some((one) => one.key === chosenStage && one.kind === 'open') ? chosenStage : undefined
  const known = (key: string | undefined) => (dimensions.some((one) => one.key === key) ? key : undefined)
  const rows = known(pivotRows) ?? by
  return {
    dimensions,
    groupable,
    by,
    setBy,
    stage,
    setStage,
    measure: measure === 'deals' ? ('deals' as const) : ('amount' as const),
    setMeasure: (next: Measure) => setMeasure(next === 'deals' ? next : undefined),
    pivotRows: rows,
    setPivotRows,
    pivotColumns: pivotColumns === rows ? undefined : known(pivotColumns),
    setPivotColumns,
  }
}

export type Measure = 'amount' | 'deals'

export type Choices = ReturnType<typeof useChoices>

/** The page's one request. */
export function useAnalyser(choices: Choices) {
  const question = useQuestion()
  const query = {
    ...question,
    by: choices.by,
    stage: choices.stage,
    pivot_rows: choices.pivotRows,
    pivot_columns: choices.pivotColumns,
  }
  return useQuery({
    queryKey: ['analyser', query],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/analyser', { params: { query }, signal })),
    placeholderData: keepPreviousData,
  })
}
