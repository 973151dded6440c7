import { Select } from 'antd'
import { capital, nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import type { Mapping, Suggested } from './api'
import styles from './Imports.module.css'
import { Labelled } from './Labelled'
import { dateForms, factors, written, zones } from './mapping'

type Props = { suggested: Suggested; mapping: Mapping; set: (change: Partial<Mapping>) => void }

/** How the file writes what it says: its dates and the clock they are read by, its numbers, and their units. */
export function WritingFields({ suggested, mapping, set }: Props) {
  const { t, lang, say } = useTexts()
  const fields = suggested.fields.filter((field) => field.name in mapping.fields)
  const put = (name: string, change: Parameters<typeof written>[2]) => set(written(mapping, name, change))
  return (
    <div className={styles.field}>
      <h2>{t('imports.writing')}</h2>
      <div className={styles.grid}>
        <Labelled label={t('imports.dates')} help={t('imports.datesHelp')}>
          {(id) => (
            <Select
              id={id}
              mode="tags"
              value={mapping.dates}
              placeholder={dateForms.iso}
              options={Object.entries(dateForms).map(([form, example]) => ({ value: form, label: example }))}
              onChange={(dates: string[]) => set({ dates })}
            />
          )}
        </Labelled>
        <Labelled label={t('imports.zone')} help={t('imports.zoneHelp')}>
          {(id) => (
            <Select
              id={id}
              showSearch
              value={mapping.zone}
              options={zones(mapping.zone).map((zone) => ({ value: zone }))}
              onChange={(zone) => set({ zone })}
            />
          )}
        </Labelled>
        <Labelled label={t('imports.numbers')}>
          {(id) => (
            <Select
              id={id}
              value={mapping.decimal_comma ? 'comma' : 'point'}
              options={[
                { value: 'point', label: '1,234.56' },
                { value: 'comma', label: '1.234,56' },
              ]}
              onChange={(sign) => set({ decimal_comma: sign === 'comma' })}
            />
          )}
        </Labelled>
        {fields
          .filter((field) => field.type === 'amount')
          .map((field) => (
            <Labelled key={field.name} label={nameValue(capital(say(field.label)), t('imports.countedIn'), lang)}>
              {(id) => (
                <Select
                  id={id}
                  value={mapping.fields[field.name]?.times ?? 1}
                  options={factors(mapping.fields[field.name]?.times).map((times) => ({
                    value: times,
                    label: factorName(times, lang, t('imports.ones')),
                  }))}
                  onChange={(times) => put(field.name, { times: times === 1 ? undefined : times })}
                />
              )}
            </Labelled>
          ))}
        {fields
          .filter((field) => field.type === 'amount')
          .map((field) => (
            <Labelled key={field.name} label={nameValue(capital(say(field.label)), t('imports.zeroMeans'), lang)}>
              {(id) => (
                <Select
                  id={id}
                  value={mapping.fields[field.name]?.zero_is_unknown ? 'unknown' : 'zero'}
                  options={[
                    { value: 'zero', label: t('imports.zeroIsZero') },
                    { value: 'unknown', label: t('imports.zeroIsUnknown') },
                  ]}
                  onChange={(means) => put(field.name, { zero_is_unknown: means === 'unknown' })}
                />
              )}
            </Labelled>
          ))}
        {fields
          .filter((field) => field.type === 'share')
          .map((field) => (
            <Labelled key={field.name} label={nameValue(capital(say(field.label)), t('imports.shareWritten'), lang)}>
              {(id) => (
                <Select
                  id={id}
                  value={mapping.fields[field.name]?.percent ? 'percent' : 'share'}
                  options={[
                    { value: 'percent', label: t('imports.percent') },
                    { value: 'share', label: t('imports.share') },
                  ]}
                  onChange={(means) => put(field.name, { percent: means === 'percent' })}
                />
              )}
            </Labelled>
          ))}
      </div>
    </div>
  )
}

const names: Record<'zh' | 'en', Record<number, string>> = {
  zh: { 1000: '千', 10000: '万', 1000000: '百万', 100000000: '亿' },
  en: { 1000: 'thousands', 10000: 'ten thousands (万)', 1000000: 'millions', 100000000: 'hundred millions (亿)' },
}

function factorName(times: number, lang: 'zh' | 'en', ones: string): string {
  return times === 1 ? ones : (names[lang][times] ?? `× ${times}`)
}
