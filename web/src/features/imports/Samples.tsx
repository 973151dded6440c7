import { useTexts } from '@/shared/i18n/i18n'
import { useInstant } from '@/shared/url/use-instant'
import type { Preview } from './api'
import styles from './Imports.module.css'

const sampled = 5

/** The first deals as they would be written. */
export function Samples({ samples }: { samples: Preview['samples'] }) {
  const { t } = useTexts()
  const at = useInstant()
  const deals = samples.opportunities?.slice(0, sampled) ?? []
  if (deals.length === 0) return null
  const names = [...new Set(deals.flatMap((deal) => Object.keys(deal.fields)))]
  return (
    <section className={styles.panel} aria-label={t('imports.samples')}>
      <h2>{t('imports.samples')}</h2>
      <div className={styles.scroller}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('dealColumns.external_id')}</th>
              <th scope="col">{t('imports.since')}</th>
              {names.map((name) => (
                <th key={name} scope="col">
                  {t(`dealColumns.${name === 'amount' ? 'amount_minor' : (name as 'name')}`, { defaultValue: name })}
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
                    {deal.fields[name]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
