import { InfoCircleOutlined } from '@ant-design/icons'
import { Button, Popover } from 'antd'
import type { UseQueryResult } from '@tanstack/react-query'
import { AnswerState } from '@/shared/answer/AnswerState'
import type { Answer, Row } from '@/shared/api/types'
import { useDrill } from '@/shared/drill/drill'
import { asNumber, count, days, nameValue, share, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { stageColours } from '@/shared/theme/palette'
import { Block } from '@/shared/ui/Block'
import { QuietLine } from '@/shared/ui/Notice'
import { customersDrill, stepDrill, type Which } from './customers-drill'
import styles from './StepsBlock.module.css'
import { type CustomerFunnel, fileExtra, useCustomersQuestion, useReading } from './use-customer-funnel'

/** Customers by step: how many are here, who of the step before is, who is still under way, and how long it took. */
export function StepsBlock({ query }: { query: UseQueryResult<CustomerFunnel> }) {
  const { t, lang } = useTexts()
  const question = useCustomersQuestion()
  const { isCohort } = useReading()
  const answer = query.data?.steps
  return (
    <Block
      title={t('customerFunnel.steps')}
      answer={answer}
      file={{ path: 'customer-funnel', extra: { ...fileExtra(question), by: undefined } }}
      drill={(row, column) => stepDrill(row, column, String(row[`step_${lang}`]))}
    >
      <p className={styles.help}>{t(isCohort ? 'customerFunnel.cohortHelp' : 'customerFunnel.stepsHelp')}</p>
      <ul className={styles.key} aria-hidden="true">
        <li data-part="from_before">{t('customerFunnel.fromBefore')}</li>
        <li data-part="skipped">{t('customerFunnel.skipped')}</li>
        <li data-part="pending">{t('customerFunnel.pending')}</li>
        <li data-part="ended">{t('customerFunnel.ended')}</li>
      </ul>
      <AnswerState query={query} height={300}>
        {(data) => <Steps answer={data.steps} />}
      </AnswerState>
    </Block>
  )
}

function Steps({ answer }: { answer: Answer }) {
  const { t, lang } = useTexts()
  const rows = answer.rows as Row[]
  const first = asNumber(rows[0]?.customers) ?? 0
  const colours = stageColours(rows.map((row) => ({ key: String(row.step), high: false })))
  if (first === 0) return <QuietLine>{t('customerFunnel.emptyPeriod')}</QuietLine>
  return (
    <>
      <ol className={styles.steps}>
        {rows.map((row, at) => (
          <Step
            key={String(row.step)}
            row={row}
            first={first}
            isFirst={at === 0}
            colour={colours.get(String(row.step))}
          />
        ))}
      </ol>
      {answer.notes.map((note) => (
        <p key={note.en} className={styles.note}>
          {note[lang]}
        </p>
      ))}
    </>
  )
}

type StepProps = { row: Row; first: number; isFirst: boolean; colour: string | undefined }

function Step({ row, first, isFirst, colour }: StepProps) {
  const { t, lang } = useTexts()
  const open = useDrill()
  const name = String(row[`step_${lang}`] ?? row.step)
  const here = asNumber(row.customers) ?? 0
  const parts: [Which, string, number][] = isFirst
    ? [['here', name, here]]
    : [
        ['from_before', t('customerFunnel.fromBefore'), asNumber(row.from_before) ?? 0],
        ['skipped', t('customerFunnel.skipped'), asNumber(row.skipped) ?? 0],
        ['pending', t('customerFunnel.pending'), asNumber(row.pending) ?? 0],
        ['ended', t('customerFunnel.ended'), asNumber(row.ended) ?? 0],
      ]
  const drill = (which: Which, words: string) => () =>
    open(customersDrill({ step: String(row.step), which }, which === 'here' ? name : `${name} · ${words}`))
  return (
    <li className={styles.step}>
      <span className={styles.name}>
        <strong>{name}</strong>
        <button type="button" className={styles.count} onClick={drill('here', name)} disabled={here === 0}>
          {count(here, lang)}
        </button>
      </span>
      <span className={styles.track}>
        {parts.map(([which, words, value]) => (
          <button
            key={which}
            type="button"
            data-part={which}
            className={styles.part}
            hidden={value === 0}
            style={{
              width: `${(value / first) * 100}%`,
              background: which === 'here' || which === 'from_before' ? colour : undefined,
            }}
            title={`${words} ${count(value, lang)}`}
            aria-label={nameValue(name, `${words} ${count(value, lang)}`, lang)}
            onClick={drill(which, words)}
          />
        ))}
      </span>
      {isFirst ? <span className={styles.rate} /> : <Rate row={row} name={name} />}
    </li>
  )
}

/** The share of the step before; its bounds, the share of the first step and the days behind ⓘ. */
function Rate({ row, name }: { row: Row; name: string }) {
  const { t, lang } = useTexts()
  const rate = asNumber(row.of_before)
  const part = (key: string) => {
    const value = asNumber(row[key])
    return value === null ? undefinedMark : share(value, lang)
  }
  const time = (key: string) => {
    const value = asNumber(row[key])
    return value === null ? undefinedMark : days(value, lang)
  }
  const why = row.of_before_why as { zh: string; en: string } | undefined
  const told = (
    <div className={styles.readings}>
      <table>
        <tbody>
          <tr>
            <th scope="row">{t('customerFunnel.ofBefore')}</th>
            <td>{part('of_before')}</td>
            <td>{t('customerFunnel.bounds', { lower: part('of_before_lower'), upper: part('of_before_upper') })}</td>
          </tr>
          {(['median_days_came', 'median_days', 'median_days_from_first'] as const).map((key) => (
            <tr key={key}>
              <th scope="row">{t(`customerFunnel.${daysNames[key]}`)}</th>
              <td title={(row[`${key}_why`] as { zh: string; en: string } | undefined)?.[lang]}>{time(key)}</td>
              <td />
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t('customerFunnel.readingsHelp')}</p>
    </div>
  )
  return (
    <span className={styles.rate} title={why?.[lang]}>
      <span>
        {rate === null ? undefinedMark : share(rate, lang)}
        <small>{t('customerFunnel.ofFirst', { share: part('of_first') })}</small>
      </span>
      <Popover trigger="click" placement="left" content={told}>
        <Button
          type="text"
          size="small"
          icon={<InfoCircleOutlined />}
          aria-label={nameValue(name, t('customerFunnel.readings'), lang)}
        />
      </Popover>
    </span>
  )
}

const daysNames = {
  median_days_came: 'daysCame',
  median_days: 'daysAll',
  median_days_from_first: 'daysFromFirst',
} as const
