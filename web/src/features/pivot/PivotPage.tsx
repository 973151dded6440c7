import { AnswerState } from '@/shared/answer/AnswerState'
import { capital } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { PivotTable } from '@/shared/pivot/PivotTable'
import { pivotMeasures, usePivot } from '@/shared/pivot/use-pivot'
import { useWonPeriod } from '@/shared/pivot/use-won-period'
import { Block } from '@/shared/ui/Block'
import { DimensionSelect } from '@/shared/ui/DimensionSelect'
import { PageBody, WithDeals } from '@/shared/ui/Page'
import { useGrouping } from '@/shared/url/use-question'
import { useAddressValue } from '@/shared/url/use-view'

/** Any two dimensions against one another, as the server computes them. */
export function Page() {
  const { t } = useTexts()
  return (
    <WithDeals>
      <PageBody title={t('pages.pivot')}>
        <PivotBlock />
      </PageBody>
    </WithDeals>
  )
}

function PivotBlock() {
  const { t, say } = useTexts()
  const { by, groupable } = useGrouping()
  const [chosenRows, setRows] = useAddressValue('pivot_rows')
  const [columns, setColumns] = useAddressValue('pivot_columns')
  const rows = groupable.some((one) => one.key === chosenRows) ? (chosenRows ?? '') : (by ?? '')
  const across = columns === rows ? undefined : columns
  const pivot = usePivot(rows, across)
  const note = useWonPeriod(pivot.data)
  const nameOf = (key: string | undefined) => {
    const found = groupable.find((one) => one.key === key)
    return found ? capital(say(found.label)) : ''
  }
  const title = across ? `${nameOf(rows)} × ${nameOf(across)}` : nameOf(rows)
  return (
    <Block
      title={title}
      note={note}
      terms={pivot.data}
      file={{ path: 'pivot', extra: { rows, columns: across, measures: pivotMeasures } }}
      tools={
        <>
          <DimensionSelect dimensions={groupable} value={rows} onChange={setRows} label={t('pivot.rows')} />
          <DimensionSelect
            dimensions={groupable.filter((one) => one.key !== rows)}
            value={across}
            onChange={setColumns}
            label={t('pivot.columns')}
            none={t('analyser.noColumns')}
          />
        </>
      }
    >
      <AnswerState query={pivot} height={480}>
        {(data) => (
          <PivotTable
            pivot={data}
            label={title}
            rowDimension={rows}
            columnDimension={across}
            rowLabel={nameOf(rows)}
            maxHeight="calc(100dvh - 220px)"
          />
        )}
      </AnswerState>
    </Block>
  )
}
