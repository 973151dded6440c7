import { Select } from 'antd'
import { useMemo } from 'react'
import { date, isDay, monthsUpTo } from '../format/dates'
import { useTexts } from '../i18n/i18n'
import { useAsOf, useProcess } from '../url/use-question'
import { useAddress, useSetAddress } from '../url/use-view'
import { DayButton } from './DayButton'
import styles from './PeriodSelect.module.css'

export type Period = { from: string; to: string }

/** The period that the address names, else the twelve months up to the day one looks from. */
export function usePeriod(): Period {
  const { asOf } = useAsOf()
  const { from, to } = useAddress()
  return useMemo(
    () => ({ from: isDay(from) ? from : monthsUpTo(asOf, 12), to: isDay(to) && to <= asOf ? to : asOf }),
    [from, to, asOf],
  )
}

/** A period by its usual names, or by its two days. */
export function PeriodSelect({ label }: { label: string }) {
  const { t, lang } = useTexts()
  const first_day = useProcess()?.first_day
  const { asOf } = useAsOf()
  const { from, to } = usePeriod()
  const setAddress = useSetAddress()
  const starts: Record<string, string> = {
    lastYear: monthsUpTo(asOf, 12),
    lastHalf: monthsUpTo(asOf, 6),
    thisYear: `${asOf.slice(0, 4)}-01-01`,
    ...(first_day ? { allTime: first_day } : {}),
  }
  const named = to === asOf ? Object.keys(starts).find((key) => starts[key] === from) : undefined
  const choose = (key: string) =>
    void setAddress({ from: key === 'lastYear' ? undefined : starts[key], to: undefined }, { replace: true })
  const set = (key: 'from' | 'to') => (day: string) => void setAddress({ [key]: day }, { replace: true })
  return (
    <fieldset className={styles.period}>
      <legend className="hidden-visually">{label}</legend>
      <Select
        variant="filled"
        aria-label={label}
        popupMatchSelectWidth={false}
        value={named ?? 'own'}
        options={[
          ...Object.keys(starts).map((key) => ({ value: key, label: t(`period.${key as 'lastYear'}`) })),
          ...(named ? [] : [{ value: 'own', label: t('period.own') }]),
        ]}
        onChange={choose}
      />
      <span className={styles.days}>
        <DayButton text={date(from, lang)} label={t('period.from')} value={from} max={to} onChange={set('from')} />
        <span aria-hidden="true">–</span>
        <DayButton text={date(to, lang)} label={t('period.to')} value={to} min={from} max={asOf} onChange={set('to')} />
      </span>
    </fieldset>
  )
}
