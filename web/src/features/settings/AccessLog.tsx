import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { api, ok } from '@/shared/api/client'
import { useTexts } from '@/shared/i18n/i18n'
import { Scroller } from '@/shared/ui/Scroller'
import { useInstant } from '@/shared/url/use-instant'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import styles from './Settings.module.css'

/** Who came in, who was turned away, who changed whose rights, who took data away: the latest first. */
export function AccessLog() {
  const { t } = useTexts()
  const at = useInstant()
  const log = useInfiniteQuery({
    queryKey: ['access-log'],
    queryFn: ({ pageParam }) => ok(api.GET('/api/v1/access-log', { params: { query: { cursor: pageParam } } })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: 0,
  })
  const rows = log.data?.pages.flatMap((page) => page.rows) ?? []
  return (
    <section className={styles.panel} aria-label={t('settings.log')}>
      {log.isError ? <ProblemLine error={log.error} /> : null}
      {log.isPending ? <Skeleton height={240} /> : null}
      {log.data && rows.length === 0 ? <p className={styles.soft}>{t('settings.logNone')}</p> : null}
      {rows.length > 0 ? (
        <Scroller>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('settings.logAt')}</th>
                <th scope="col">{t('settings.logUser')}</th>
                <th scope="col">{t('settings.logAction')}</th>
                <th scope="col">{t('settings.logSubject')}</th>
                <th scope="col">{t('settings.logAddress')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.seq}>
                  <td>{at(row.at)}</td>
                  <td>{row.user?.name ?? '–'}</td>
                  <td>{t(`settings.actions.${row.action as 'signed_in'}`, { defaultValue: row.action })}</td>
                  <td>{row.subject}</td>
                  <td>{row.address || '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      ) : null}
      {log.hasNextPage ? (
        <Button onClick={() => void log.fetchNextPage()} loading={log.isFetchingNextPage} style={{ marginTop: 12 }}>
          {t('record.earlier')}
        </Button>
      ) : null}
    </section>
  )
}
