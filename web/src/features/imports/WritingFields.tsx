import { Select } from 'antd'
import { capital, nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import type { Mapping, Suggested } from './api'
import styles from './Imports.module.css'
import { AmountFields } from './AmountFields'
import { DatesField } from './DatesField'
import { Labelled } from './Labelled'
import { type Written, written, zones } from './mapping'
import { deals } from './tables'

type Props = { suggested: Suggested; mapping: Mapping; set: (change: Partial<Mapping>) => void }

/** How the file writes what it says: its dates and the clock they are read by, its numbers, and their units. */
export function WritingFields({ suggested, mapping, set }: Props) {
  const { t, lang, say } = useTexts()
  const all = suggested.kinds.find((one) => one.kind === deals)?.fields ?? []
  const fields = all.filter((field) => field.name in mapping.fields)
  const put = (name: string, change: Written) => set(written(mapping, name, change))
  return (
    <div className={styles.field}>
      <h2>{t('imports.writing')}</h2>
      <div className={styles.grid}>
        <DatesField
          label={t('imports.dates')}
          help={t('imports.datesHelp')}
          value={mapping.dates}
          onValue={(dates) => set({ dates })}
        />
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
        <AmountFields fields={fields} mapped={mapping} put={put} />
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
