import { AnswerState } from '@/shared/answer/AnswerState'
import { AnswerTable } from '@/shared/answer/AnswerTable'
import { useAnswer } from '@/shared/api/queries'
import type { Column, Row } from '@/shared/api/types'
import { cellOf, type Drill } from '@/shared/drill/drill'
import { asNumber, nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import { useQuestion } from '@/shared/url/use-question'

const clickable = new Set([
  'deals',
  'amount_minor',
  'amount_share',
  'weighted_minor',
  'mean_stay_days',
  'deals_without_amount',
])

/** What stands in each stage on the as-of day, with the snapshot ratio named for what it is. */
export function StockBlock() {
  const { t, lang } = useTexts()
  const question = useQuestion()
  const stock = useAnswer('funnel', question)
  const drill = (row: Row, column: Column): Drill | undefined =>
    clickable.has(column.key)
      ? {
          cell: cellOf('stock', { stage: row.stage }),
          title: `${row[`stage_${lang}`] ?? row.stage}`,
          weighted: column.key === 'weighted_minor' ? asNumber(row.weighted_minor) : null,
        }
      : undefined
  return (
    <Block title={t('funnel.stock')} answer={stock.data} file={{ path: 'funnel' }} drill={drill}>
      <AnswerState query={stock} height={280}>
        {(answer) => (
          <>
            <AnswerTable answer={answer} label={t('funnel.stock')} drill={drill} />
            <p style={{ color: 'var(--text-faint)', fontSize: 12, paddingTop: 8 }}>
              {nameValue(t('funnel.snapshot'), t('funnel.snapshotHelp'), lang)}
            </p>
          </>
        )}
      </AnswerState>
    </Block>
  )
}
