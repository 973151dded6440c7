import { AnswerState } from '@/shared/answer/AnswerState'
import type { Answer, Row } from '@/shared/api/types'
import { asNumber, count, share, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { Block } from '@/shared/ui/Block'
import styles from './quality.module.css'
import { TrendChart } from './TrendChart'
import { type FilterKey, useFilters, useScores, useTrend } from './use-quality'

/** The score of all records in view, and where it came from over the last twelve months. */
export function ScoreBlock() {
  const { t } = useTexts()
  const scores = useScores()
  const trend = useTrend()
  return (
    <Block
      title={t('quality.score')}
      answer={trend.data}
      terms={scores.data}
      help={t('quality.scoreHelp')}
      file={{ path: 'quality/trend' }}
      picture
    >
      <div className={styles.score}>
        <AnswerState query={scores} height={120}>
          {(answer) => <Figures answer={answer} />}
        </AnswerState>
        <div className={styles.trend}>
          <AnswerState query={trend} height={200}>
            {(answer) => <TrendChart answer={answer} />}
          </AnswerState>
        </div>
      </div>
    </Block>
  )
}

const figures = [
  { score: 'score', records: 'records', label: 'quality.all', filter: {} },
  { score: 'deals_score', records: 'deals', label: 'quality.deals', filter: { q_of: 'deal' } },
  { score: 'customers_score', records: 'customers', label: 'quality.customers', filter: { q_of: 'customer' } },
] as const satisfies readonly { filter: Partial<Record<FilterKey, string>>; [key: string]: unknown }[]

function Figures({ answer }: { answer: Answer }) {
  const { t, lang } = useTexts()
  const { only } = useFilters()
  const row = (answer.rows[0] ?? {}) as Row
  const failing = asNumber(row.failing) ?? 0
  return (
    <ul className={styles.figures}>
      {figures.map((figure) => {
        const score = asNumber(row[figure.score])
        return (
          <li key={figure.score}>
            <span>{t(figure.label)}</span>
            <button type="button" onClick={() => only(figure.filter)} title={t('quality.openList')}>
              {score === null ? undefinedMark : share(score, lang)}
            </button>
            <small>{t('quality.ofRecords', { n: count(asNumber(row[figure.records]) ?? 0, lang) })}</small>
          </li>
        )
      })}
      <li>
        <span>{t('quality.failing')}</span>
        <button type="button" onClick={() => only({})} title={t('quality.openList')}>
          {count(failing, lang)}
        </button>
        <small>{t('quality.failingHelp')}</small>
      </li>
    </ul>
  )
}
