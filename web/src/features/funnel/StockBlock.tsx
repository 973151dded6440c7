import { AnswerState } from '@/shared/answer/AnswerState'
import { AnswerTable } from '@/shared/answer/AnswerTable'
import { useAnswer } from '@/shared/api/queries'
import type { Column, Row } from '@/shared/api/types'
import { stockDrill } from '@/shared/drill/drill'
import { nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import { useHasSteps, useQuestion } from '@/shared/url/use-question'

/** What stands in each stage on the as-of day, with the snapshot ratio named for what it is. */
export function StockBlock() {
  const { t, lang } = useTexts()
  const question = useQuestion()
  const stock = useAnswer('funnel', question)
  // How long a deal stands somewhere is known only where its steps are.
  const hide = useHasSteps() ? undefined : ['mean_stay_days']
  const drill = (row: Row, column: Column) => stockDrill(row, column, String(row[`stage_${lang}`] ?? row.stage))
  return (
    <Block title={t('funnel.stock')} answer={stock.data} file={{ path: 'funnel' }} drill={drill}>
      <AnswerState query={stock} height={280}>
        {(answer) => (
          <>
            <AnswerTable answer={answer} label={t('funnel.stock')} drill={drill} hide={hide} />
            <p style={{ color: 'var(--text-faint)', fontSize: 12, paddingTop: 8 }}>
              {nameValue(t('funnel.snapshot'), t('funnel.snapshotHelp'), lang)}
            </p>
          </>
        )}
      </AnswerState>
    </Block>
  )
}
