import { Select } from 'antd'
import { capital, nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import type { TargetField } from './api'
import { Labelled } from './Labelled'
import { type Columns, factors, type Written } from './mapping'

type Props = {
  fields: readonly TargetField[]
  mapped: Columns
  put: (name: string, change: Written) => void
}

/** What the amounts of a table are counted in. */
export function AmountFields({ fields, mapped, put }: Props) {
  const { t, lang, say } = useTexts()
  const amounts = fields.filter((field) => field.type === 'amount')
  return amounts.map((field) => (
    <Labelled key={field.name} label={nameValue(capital(say(field.label)), t('imports.countedIn'), lang)}>
      {(id) => (
        <Select
          id={id}
          value={mapped.fields[field.name]?.times ?? 1}
          options={factors(mapped.fields[field.name]?.times).map((times) => ({
            value: times,
            label: factorName(times, lang, t('imports.ones')),
          }))}
          onChange={(times) => put(field.name, { times: times === 1 ? undefined : times })}
        />
      )}
    </Labelled>
  ))
}

const names: Record<'zh' | 'en', Record<number, string>> = {
  zh: { 1000: '千', 10000: '万', 1000000: '百万', 100000000: '亿' },
  en: { 1000: 'thousands', 10000: 'ten thousands (万)', 1000000: 'millions', 100000000: 'hundred millions (亿)' },
}

function factorName(times: number, lang: 'zh' | 'en', ones: string): string {
  return times === 1 ? ones : (names[lang][times] ?? `× ${times}`)
}
