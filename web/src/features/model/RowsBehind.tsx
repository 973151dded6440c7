import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Drawer } from 'antd'
import { api, ok } from '@/shared/api/client'
import { count, counted } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import type { Join, Table } from './layout'
import styles from './Model.module.css'

/** Pages of records, by kind; other records have none. */
const pages: Record<string, string> = { opportunity: '/deals', account: '/customers' }

type Props = { table: Table; join: Join; of?: number; title: string; onClose: () => void }

/** The rows of a table that refer to a key, or that refer to nothing. */
export function RowsBehind({ table, join, of, title, onClose }: Props) {
  const { t, lang } = useTexts()
  const query = { table: table.kind, field: join.field, ...(of === undefined ? {} : { key: String(of) }) }
  const found = useQuery({
    queryKey: ['model', 'rows', query],
    queryFn: () => ok(api.GET('/api/v1/model/rows', { params: { query } })),
  })
  const page = pages[table.kind]
  return (
    <Drawer open title={title} size={440} onClose={onClose}>
      {found.isError ? <ProblemLine error={found.error} /> : null}
      {found.isPending ? <Skeleton height={160} /> : null}
      {found.data ? (
        <>
          <p className={styles.soft}>
            {t('model.rowsSome', {
              ...counted(found.data.total, lang),
              shown: count(found.data.rows.length, lang),
            })}
          </p>
          <ul className={styles.rows}>
            {found.data.rows.map((row) => (
              <li key={row.id}>
                {page ? (
                  <Link to={`${page}/${row.id}` as never}>{row.name ?? `#${row.id}`}</Link>
                ) : (
                  (row.name ?? `#${row.id}`)
                )}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Drawer>
  )
}
