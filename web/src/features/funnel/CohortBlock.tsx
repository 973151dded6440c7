import { InfoCircleOutlined } from '@ant-design/icons'
import { Button, Popover, Select } from 'antd'
import { AnswerState } from '@/shared/answer/AnswerState'
import { useAnswer } from '@/shared/api/queries'
import type { Answer, Column, Row } from '@/shared/api/types'
import { cellOf, type Drill, useDrill } from '@/shared/drill/drill'
import { asNumber, count, nameValue, share, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { stageColours } from '@/shared/theme/palette'
import { Block } from '@/shared/ui/Block'
import { QuietLine } from '@/shared/ui/Notice'
import { type Period, usePeriod } from '@/shared/ui/PeriodSelect'
import { useHasSteps, useProcess, useQuestion } from '@/shared/url/use-question'
import { useAddressValue } from '@/shared/url/use-view'
import styles from './CohortBlock.module.css'

const horizons = ['90', '180', '365']
const usual = '180'
type Reached = 'yes' | 'pending' | 'no'
/** What is counted, or a rate of, all that reached the stage. */
const ofAll = new Set(['n', 'of_all', 'of_all_lower', 'of_all_upper'])

/** Of the deals that entered each stage in the period: how many moved on, are still open, or ended there. */
export function CohortBlock() {
  const { t, lang } = useTexts()
  const question = useQuestion()
  const period = usePeriod()
  const [horizon = usual, setHorizon] = useAddressValue('horizon')
  const extra = { ...period, horizon }
  const cohort = useAnswer('conversion', question, extra)
  const drill = (row: Row, column: Column): Drill | undefined => {
    if (ofAll.has(column.key)) return drillOf(row, undefined, period, lang)
    return column.unit === 'count' ? drillOf(row, column.key, period, lang) : undefined
  }
  return (
    <Block
      title={t('funnel.cohort')}
      answer={cohort.data}
      file={{ path: 'conversion', extra }}
      drill={drill}
      tools={
        <Select
          size="small"
          variant="filled"
          aria-label={t('funnel.horizon')}
          popupMatchSelectWidth={false}
          value={horizon}
          options={horizons.map((days) => ({
            value: days,
            label: `${t('funnel.horizon')} ${t('funnel.horizonDays', { n: days })}`,
          }))}
          onChange={(days) => setHorizon(days === usual ? undefined : days)}
        />
      }
    >
      <p className={styles.help}>{t('funnel.cohortHelp')}</p>
      <ul className={styles.key} aria-hidden="true">
        <li data-part="yes">{t('funnel.forward')}</li>
        <li data-part="pending">{t('funnel.pending')}</li>
        <li data-part="no">{t('funnel.ended')}</li>
      </ul>
      <AnswerState query={cohort} height={300}>
        {(answer) => <Steps answer={answer} period={period} horizon={horizon} />}
      </AnswerState>
    </Block>
  )
}

function drillOf(row: Row, reached: string | undefined, period: Period, lang: 'zh' | 'en'): Drill {
  return {
    cell: cellOf('conversion', { stage: row.stage, reached }),
    title: String(row[`stage_${lang}`] ?? row.stage),
    extra: { ...period },
  }
}

function Steps({ answer, period, horizon }: { answer: Answer; period: Period; horizon: string }) {
  const { t, lang } = useTexts()
  const hasSteps = useHasSteps()
  const process = useProcess()
  const open = useDrill()
  const colour = stageColours(process?.stages ?? [])
  const rows = answer.rows as Row[]
  const most = Math.max(1, ...rows.map((row) => asNumber(row.n) ?? 0))
  if (!hasSteps) return <QuietLine>{t('empty.noSteps')}</QuietLine>
  if (rows.every((row) => row.n === 0)) return <QuietLine>{t('funnel.noneEntered')}</QuietLine>
  return (
    <ol className={styles.steps}>
      {rows.map((row) => {
        const name = String(row[`stage_${lang}`] ?? row.stage)
        const [reached, forward, pending] = [
          asNumber(row.n) ?? 0,
          asNumber(row.forward) ?? 0,
          asNumber(row.pending) ?? 0,
        ]
        const parts: [Reached, string, number | null][] = [
          ['yes', t('funnel.forward'), forward],
          ['pending', t('funnel.pending'), pending],
          ['no', t('funnel.ended'), null],
        ]
        return (
          <li key={String(row.stage)} className={styles.step}>
            <span className={styles.name}>
              <strong>{name}</strong>
              <span>{t('funnel.entered', { n: count(reached, lang) })}</span>
            </span>
            <span className={styles.track}>
              <span className={styles.bar} style={{ width: `${(reached / most) * 100}%` }}>
                {parts.map(([end, words, value]) => (
                  <button
                    key={end}
                    type="button"
                    data-part={end}
                    className={styles.part}
                    style={{
                      // What ended takes what is left of the bar.
                      width: value === null ? undefined : `${(value / (reached || 1)) * 100}%`,
                      background: end === 'yes' ? colour.get(String(row.stage)) : undefined,
                    }}
                    hidden={value === 0}
                    title={value === null ? words : `${words} ${count(value, lang)}`}
                    aria-label={nameValue(name, value === null ? words : `${words} ${count(value, lang)}`, lang)}
                    onClick={() => open(drillOf(row, end, period, lang))}
                  />
                ))}
              </span>
            </span>
            <Rate row={row} name={name} horizon={horizon} />
          </li>
        )
      })}
    </ol>
  )
}

/** The rate that includes open deals; the other readings, with their bounds, behind ⓘ. */
function Rate({ row, name, horizon }: { row: Row; name: string; horizon: string }) {
  const { t, lang } = useTexts()
  const rate = asNumber(row.of_all)
  const why = row.of_all_why as { zh: string; en: string } | undefined
  const readings = [
    ['of_all', t('funnel.ofAll')],
    ['of_resolved', t('funnel.ofResolved')],
    ['at_horizon', t('funnel.atHorizon', { n: horizon })],
  ] as const
  const written = (key: string) => {
    const value = asNumber(row[key])
    return value === null ? undefinedMark : share(value, lang)
  }
  const told = (
    <div className={styles.readings}>
      <table>
        <tbody>
          {readings.map(([key, words]) => (
            <tr key={key}>
              <th scope="row">{words}</th>
              <td>{written(key)}</td>
              <td className={styles.faint}>
                {t('funnel.bounds', { lower: written(`${key}_lower`), upper: written(`${key}_upper`) })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.faint}>{t('funnel.readingsHelp')}</p>
    </div>
  )
  return (
    <span className={styles.rate} title={why?.[lang]}>
      {rate === null ? undefinedMark : share(rate, lang)}
      <Popover trigger="click" placement="left" content={told}>
        <Button
          type="text"
          size="small"
          icon={<InfoCircleOutlined />}
          aria-label={nameValue(name, t('funnel.readings'), lang)}
        />
      </Popover>
    </span>
  )
}
