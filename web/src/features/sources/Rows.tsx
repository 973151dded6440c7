import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import type { FirstRows } from './api'
import styles from './Sources.module.css'

/** The first rows of a source, as they came. */
export function Rows({ found }: { found: FirstRows }) {
  const { t } = useTexts()
  const { columns, rows } = found.rows
  const title = found.file ? t('sources.rowsOf', { file: found.file }) : t('sources.firstRows')
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <Scroller>
        <table className={styles.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col" key={column.key}>
                  {column.key}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              // Rows have nothing of their own to be told apart by, and stay in their order.
              <tr key={at}>
                {columns.map((column) => (
                  <td key={column.key} data-cell>
                    {shown((row as Record<string, unknown>)[column.key])}
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

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
