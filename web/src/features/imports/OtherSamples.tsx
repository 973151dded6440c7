import { capital } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useInstant } from '@/shared/url/use-instant'
import { Scroller } from '@/shared/ui/Scroller'
import type { Preview } from './api'
import styles from './Imports.module.css'
import { tableName } from './Figures'

type Props = { samples: Preview['samples']; labels: Preview['labels'] }

/** The first records of every other kind as they would be written, each kind folded away until it is asked for. */
export function OtherSamples({ samples, labels }: Props) {
  const { t, say } = useTexts()
  const at = useInstant()
  const others = Object.entries(samples).filter(([table, rows]) => table !== 'opportunities' && rows.length > 0)
  const hasDeals = (samples.opportunities?.length ?? 0) > 0
  return others.map(([table, rows]) => {
    const names = [...new Set(rows.flatMap((row) => Object.keys(row.fields)))]
    return (
      <details key={table} className={styles.panel} open={!hasDeals}>
        <summary>{`${t('imports.samples')} · ${tableName(table, t)}`}</summary>
        <Scroller>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('dealColumns.external_id')}</th>
                <th scope="col">{t('imports.since')}</th>
                {names.map((name) => (
                  <th key={name} scope="col">
                    {capital(say(labels[table]?.[name]) || name)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={`${row.key}${row.at}`}>
                  <th scope="row">{row.key}</th>
                  <td>{at(row.at)}</td>
                  {names.map((name) => (
                    <td key={name} className={styles.samples}>
                      {row.fields[name] ?? ''}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      </details>
    )
  })
}
