import { AnswerState } from '@/shared/answer/AnswerState'
import type { Answer, Row } from '@/shared/api/types'
import { useDrill } from '@/shared/drill/drill'
import { asNumber, count, days, share, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import { QuietLine } from '@/shared/ui/Notice'
import styles from './RatesBlock.module.css'
import { useWinRate, useWinRateDrill } from './use-win-rate'

/** The rate by its three denominators, with bounds, and what it is made of. */
export function RatesBlock() {
  const { t } = useTexts()
  const { query, file, period } = useWinRate()
  const drill = useWinRateDrill(period)
  return (
    <Block title={t('winRate.title')} answer={query.data} file={file} drill={drill}>
      <AnswerState query={query} height={96}>
        {(answer) => <Rates answer={answer} drill={drill} />}
      </AnswerState>
    </Block>
  )
}

function Rates({ answer, drill }: { answer: Answer; drill: ReturnType<typeof useWinRateDrill> }) {
  const { t, lang, say } = useTexts()
  const row = answer.rows[0] as Row | undefined
  if (!row) return <QuietLine>{t('block.noData')}</QuietLine>
  const written = (key: string) => {
    const value = asNumber(row[key])
    return value === null ? undefinedMark : share(value, lang)
  }
  const cycle = asNumber(row.cycle_median_days)
  const told = cycle === null ? undefinedMark : t('winRate.cycleDays', { count: cycle, n: days(cycle, lang) })
  const counts = ['won', 'lost', 'cancelled', 'parked'] as const
  const figure = (key: string, text: string) => <Figure {...{ answer, row, drill }} figure={key} text={text} />
  return (
    <>
      <dl className={styles.rates}>
        <div>
          <dt>{t('winRate.byCount')}</dt>
          <dd>{figure('win_rate', written('win_rate'))}</dd>
          <dd className={styles.small}>
            {t('funnel.bounds', { lower: written('win_rate_lower'), upper: written('win_rate_upper') })}
          </dd>
        </div>
        <div>
          <dt>{t('winRate.byAmountOf')}</dt>
          <dd>{figure('win_rate_amount', written('win_rate_amount'))}</dd>
        </div>
        <div>
          <dt>{t('winRate.withCancelled')}</dt>
          <dd>{figure('win_rate_with_cancelled', written('win_rate_with_cancelled'))}</dd>
        </div>
        <div>
          <dt>{t('winRate.cycle')}</dt>
          <dd>{figure('cycle_median_days', told)}</dd>
        </div>
        {counts.map((key) => {
          const value = asNumber(row[key])
          return (
            <div key={key} data-outcome={key}>
              <dt>{t(`states.${key}`)}</dt>
              <dd>{figure(key, value === null ? undefinedMark : count(value, lang))}</dd>
            </div>
          )
        })}
      </dl>
      {answer.notes.map((note) => (
        <p key={note.en} className={styles.note}>
          {say(note)}
        </p>
      ))}
    </>
  )
}

type FigureProps = {
  answer: Answer
  row: Row
  drill: ReturnType<typeof useWinRateDrill>
  figure: string
  text: string
}

/** A figure that opens the deals that it is a count or a rate of; one that is not defined says why. */
function Figure({ answer, row, drill, figure, text }: FigureProps) {
  const { lang } = useTexts()
  const open = useDrill()
  const column = answer.columns.find((one) => one.key === figure)
  const opens = column && asNumber(row[figure]) !== null ? drill(row, column) : undefined
  const why = (row[`${figure}_why`] as { zh: string; en: string } | undefined)?.[lang]
  return (
    <button type="button" className={styles.count} title={why} disabled={!opens} onClick={() => opens && open(opens)}>
      {text}
    </button>
  )
}
