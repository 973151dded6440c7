import { ApiProblem } from '@/shared/api/problem'
import type { Analyser } from '@/shared/api/types'
import { useTexts } from '@/shared/i18n/i18n'
import { PivotTable } from '@/shared/pivot/PivotTable'
import { pivotMeasures } from '@/shared/pivot/use-pivot'
import { useWonPeriod } from '@/shared/pivot/use-won-period'
import { Block } from '@/shared/ui/Block'
import { DimensionSelect } from '@/shared/ui/DimensionSelect'
import { ProblemLine } from '@/shared/ui/Notice'
import type { Choices } from './use-analyser'

/** The numbers by any dimension, with the colours of attainment and a flag where the target is far. */
export function DetailBlock({ data, choices }: { data: Analyser; choices: Choices }) {
  const { t, say } = useTexts()
  const rows = choices.pivotRows ?? ''
  const pivot = data.pivot
  const note = useWonPeriod(pivot)
  const dimension = choices.dimensions.find((one) => one.key === rows)
  return (
    <Block
      title={t('analyser.detail')}
      note={note}
      terms={pivot ?? undefined}
      help={t('analyser.detailHelp')}
      file={{ path: 'pivot', extra: { rows, columns: choices.pivotColumns, measures: pivotMeasures } }}
      tools={
        <>
          <DimensionSelect
            dimensions={choices.dimensions}
            value={rows}
            onChange={choices.setPivotRows}
            label={t('analyser.rowsBy')}
          />
          <DimensionSelect
            dimensions={choices.dimensions.filter((one) => one.key !== rows)}
            value={choices.pivotColumns}
            onChange={choices.setPivotColumns}
            label={t('analyser.columnsBy')}
            none={t('analyser.noColumns')}
          />
        </>
      }
    >
      {data.pivot_problem ? <ProblemLine error={new ApiProblem(data.pivot_problem)} /> : null}
      {pivot ? (
        <PivotTable
          pivot={pivot}
          label={t('analyser.detail')}
          rowDimension={rows}
          columnDimension={choices.pivotColumns}
          rowLabel={dimension ? say(dimension.label) : rows}
        />
      ) : null}
    </Block>
  )
}
