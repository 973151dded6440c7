import { share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useValueNames } from '@/shared/records/use-value-names'
import { useInstant } from '@/shared/url/use-instant'
import { Scroller } from '@/shared/ui/Scroller'
import type { Mapping, Preview } from './api'
import styles from './Imports.module.css'
import { stageName } from './mapping'
import { useProcesses } from './use-processes'

const sampled = 5

/** The first deals as they would be written. */
export function Samples({ samples, mapping }: { samples: Preview['samples']; mapping?: Mapping | null }) {
  const { t } = useTexts()
  const word = useWord(mapping)
  const at = useInstant()
  const deals = samples.opportunities?.slice(0, sampled) ?? []
  if (deals.length === 0) return null
  const names = [...new Set(deals.flatMap((deal) => Object.keys(deal.fields)))]
  return (
    <section className={styles.panel} aria-label={t('imports.samples')}>
      <h2>{t('imports.samples')}</h2>
      <Scroller>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('dealColumns.external_id')}</th>
              <th scope="col">{t('imports.since')}</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {t([`dealColumns.${name === 'amount' ? 'amount_minor' : name}`, `imports.others.${name}`] as never, {
                    defaultValue: name,
                  })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {deals.map((deal) => (
              <tr key={`${deal.key}${deal.at}`}>
                <th scope="row">{deal.key}</th>
                <td>{at(deal.at)}</td>
                {names.map((name) => (
                  <td key={name} className={styles.samples}>
                    {word(name, deal.fields)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </section>
  )
}

/** Keys of a sample in words: stages by the process that it comes into, whatever other processes call theirs. */
function useWord(mapping: Mapping | null | undefined): (name: string, fields: Record<string, string>) => string {
  const { t, lang, say } = useTexts()
  const processes = useProcesses()
  const names = useValueNames()
  const own = typeof mapping?.process === 'object' ? mapping.process : undefined
  return (name, fields) => {
    const value = fields[name] ?? ''
    switch (name) {
      case 'outcome':
        return names.outcome(value)
      case 'stage':
        if (value === 'unknown') return t('imports.unknownStage')
        return say(stageName(value, mapping, fields.process, processes)) || value
      case 'process':
        return say((own?.key === value ? own : processes.find((one) => one.key === value))?.name) || value
      case 'probability_ppm':
        return /^\d+$/.test(value) ? share(Number(value) / 1e6, lang) : value
      default:
        return value
    }
  }
}
