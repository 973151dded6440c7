import { AnswerState } from '@/shared/answer/AnswerState'
import { useAnswer } from '@/shared/api/queries'
import type { Answer, Column, Row } from '@/shared/api/types'
import { cellOf, type Drill, useDrill } from '@/shared/drill/drill'
import { asNumber, count, days, nameValue, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { stageColours } from '@/shared/theme/palette'
import { Block } from '@/shared/ui/Block'
import { QuietLine } from '@/shared/ui/Notice'
import { usePeriod } from '@/shared/ui/PeriodSelect'
import { useHasSteps, useProcess, useQuestion } from '@/shared/url/use-question'
import styles from './DwellBlock.module.css'
import { isOfVisits } from './of-visits'
import { ticks } from './ticks'

/** Median and quartiles of the stay in each stage, against its standard. */
export function DwellBlock() {
  const { t, lang } = useTexts()
  const question = useQuestion()
  const period = usePeriod()
  const dwell = useAnswer('dwell', question, { ...period })
  const drill = (row: Row, column: Column): Drill | undefined =>
    isOfVisits(column.key)
      ? {
          cell: cellOf('dwell', { stage: row.stage, open: column.key === 'open_visits' ? 'yes' : undefined }),
          title: String(row[`stage_${lang}`] ?? row.stage),
          extra: { ...period },
        }
      : undefined
  return (
    <Block title={t('dwell.title')} answer={dwell.data} file={{ path: 'dwell', extra: { ...period } }} drill={drill}>
      <p className={styles.help}>{t('dwell.help')}</p>
      <AnswerState query={dwell} height={300}>
        {(answer) => <Stays answer={answer} drill={drill} />}
      </AnswerState>
    </Block>
  )
}

function Stays({ answer, drill }: { answer: Answer; drill: (row: Row, column: Column) => Drill | undefined }) {
  const { t, lang } = useTexts()
  const open = useDrill()
  const process = useProcess()
  const hasSteps = useHasSteps()
  const colour = stageColours(process?.stages ?? [])
  const rows = answer.rows as Row[]
  const ends = rows.flatMap((row) => [
    asNumber(row.upper_quartile_days),
    asNumber(row.standard_days),
    asNumber(row.median_days),
  ])
  const most = Math.max(1, ...ends.map((end) => end ?? 0)) * 1.05
  const at = (value: number) => `${(value / most) * 100}%`
  const marks = ticks(most)
  const written = (value: number | null) => (value === null ? undefinedMark : days(value, lang))
  const visits = answer.columns.find((column) => column.key === 'open_visits')
  if (rows.length === 0) return <QuietLine>{t(hasSteps ? 'empty.noStays' : 'empty.noSteps')}</QuietLine>
  return (
    <ol className={styles.stays}>
      {rows.map((row) => {
        const name = String(row[`stage_${lang}`] ?? row.stage)
        const [lower, median, upper, standard] = [
          'lower_quartile_days',
          'median_days',
          'upper_quartile_days',
          'standard_days',
        ].map((key) => asNumber(row[key])) as [number | null, number | null, number | null, number | null]
        const why = (row.median_days_why as { zh: string; en: string } | undefined)?.[lang]
        const told = `${t('dwell.median')} ${written(median)} · ${t('dwell.quartiles')} ${written(lower)} – ${written(upper)} · ${t('dwell.standard')} ${written(standard)}`
        const opens = visits ? drill(row, visits) : undefined
        return (
          <li key={String(row.stage)} className={styles.stay}>
            <span className={styles.name}>
              <strong>{name}</strong>
              <button type="button" className={styles.open} disabled={!opens} onClick={() => opens && open(opens)}>
                {t('dwell.open', { n: count(asNumber(row.open_visits) ?? 0, lang) })}
              </button>
            </span>
            <span className={styles.track} role="img" aria-label={nameValue(name, told, lang)} title={told}>
              {marks.map((mark) => (
                <span key={mark} className={styles.mark} style={{ left: at(mark) }} />
              ))}
              {lower !== null && upper !== null ? (
                <span
                  className={styles.box}
                  style={{
                    left: at(lower),
                    right: `calc(100% - ${at(upper)})`,
                    background: colour.get(String(row.stage)),
                  }}
                />
              ) : null}
              {median === null ? null : <span className={styles.median} style={{ left: at(median) }} />}
              {standard === null ? null : <span className={styles.standard} style={{ left: at(standard) }} />}
            </span>
            <span className={styles.number} title={why}>
              {median === null ? undefinedMark : t('winRate.cycleDays', { count: median, n: days(median, lang) })}
            </span>
          </li>
        )
      })}
      <li className={styles.stay} aria-hidden="true">
        <span className={styles.axis}>
          {marks.map((mark, index) => (
            <span key={mark} style={{ left: at(mark) }}>
              {index === marks.length - 1
                ? t('winRate.cycleDays', { count: mark, n: days(mark, lang) })
                : days(mark, lang)}
            </span>
          ))}
        </span>
      </li>
    </ol>
  )
}
