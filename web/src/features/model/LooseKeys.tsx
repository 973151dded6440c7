import { useQuery } from '@tanstack/react-query'
import { Button, Drawer } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { count } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { Skeleton } from '@/shared/ui/Skeleton'
import type { Join, Table } from './layout'
import styles from './Model.module.css'
import { RowsBehind } from './RowsBehind'

/** The keys of a reference that nothing describes, the worst first; each opens the rows that refer to it. */
export function LooseKeys({ table, join, onClose }: { table: Table; join: Join; onClose: () => void }) {
  const { t, lang, say } = useTexts()
  const query = { table: table.kind, field: join.field }
  const found = useQuery({
    queryKey: ['model', 'keys', query],
    queryFn: () => ok(api.GET('/api/v1/model/keys', { params: { query } })),
  })
  const [looked, setLooked] = useState<{ id: number; name: string } | null>(null)
  const keys = found.data?.keys
  return (
    <Drawer open title={t('model.looseTitle', { field: say(join.label) })} size={560} onClose={onClose}>
      <div className={styles.detail}>
        {found.isError ? <ProblemLine error={found.error} /> : null}
        {found.isPending ? <Skeleton height={160} /> : null}
        <p className={styles.soft}>{t(keys?.length === 0 ? 'model.looseNone' : 'model.looseHelp')}</p>
        {keys?.length ? (
          <Scroller>
            <table className={styles.table}>
              <thead>
                <tr>
                  <th scope="col">{t('model.key')}</th>
                  <th scope="col">{t('model.why')}</th>
                  <th scope="col" data-numeric>
                    {t('model.keyRows')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {keys.map((key) => (
                  <tr key={key.id}>
                    <th scope="row">{key.name ?? `#${key.id}`}</th>
                    <td>{say(key.why)}</td>
                    <td data-numeric>
                      <Button
                        size="small"
                        type="link"
                        onClick={() => setLooked({ id: key.id, name: key.name ?? `#${key.id}` })}
                      >
                        {count(key.rows, lang)}
                      </Button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroller>
        ) : null}
      </div>
      {looked ? (
        <RowsBehind
          table={table}
          join={join}
          of={looked.id}
          title={t('model.rowsTitle', { key: looked.name })}
          onClose={() => setLooked(null)}
        />
      ) : null}
    </Drawer>
  )
}
