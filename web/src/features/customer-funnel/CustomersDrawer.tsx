import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Drawer } from 'antd'
import { api, ok } from '@/shared/api/client'
import type { Row } from '@/shared/api/types'
import type { Drill } from '@/shared/drill/drill'
import { date } from '@/shared/format/dates'
import { counted, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { useView } from '@/shared/url/use-view'
import styles from './CustomersDrawer.module.css'
import { customersCell } from './customers-drill'
import { type CustomerAt, type CustomersAt, useCustomersQuestion } from './use-customer-funnel'

const pageSize = 100

type Props = { drill: Drill; steps: readonly Row[]; onClose: () => void }

/** The customers behind a number of the funnel, who came last first; a lead that no customer came of is told as one. */
export function CustomersDrawer({ drill, steps, onClose }: Props) {
  const { t, lang } = useTexts()
  const query = { ...useCustomersQuestion(), ...customersCell(drill), limit: pageSize }
  const customers = useInfiniteQuery({
    queryKey: ['customer-funnel', 'customers', query],
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET('/api/v1/customer-funnel/customers', { params: { query: { ...query, cursor: pageParam } }, signal }),
      ) as Promise<CustomersAt>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const first = customers.data?.pages[0]
  const rows = customers.data?.pages.flatMap((page) => page.rows) ?? []
  const left = (first?.customers ?? 0) - rows.length
  return (
    <Drawer open size={820} title={drill.title} onClose={onClose}>
      {customers.isError ? <ProblemLine error={customers.error} /> : null}
      {customers.isPending ? (
        <Waiting>
          <Skeleton height={480} />
        </Waiting>
      ) : null}
      {first ? (
        <>
          <p className={styles.sum}>{t('customerFunnel.here', counted(first.customers, lang))}</p>
          {rows.length ? (
            <Rows rows={rows} steps={steps} onFollow={onClose} />
          ) : (
            <p>{t('customerFunnel.noneBehind')}</p>
          )}
          {customers.hasNextPage ? (
            <Button block onClick={() => void customers.fetchNextPage()} loading={customers.isFetchingNextPage}>
              {t('customerFunnel.more', { n: Math.min(left, pageSize) })}
            </Button>
          ) : null}
        </>
      ) : null}
    </Drawer>
  )
}

function Rows({ rows, steps, onFollow }: { rows: CustomerAt[]; steps: readonly Row[]; onFollow: () => void }) {
  const { t, lang } = useTexts()
  const view = useView()
  return (
    <Scroller className={styles.scroller}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('customerFunnel.customer')}</th>
            <th scope="col">{t('customerFunnel.owner')}</th>
            {steps.map((step) => (
              <th key={String(step.step)} scope="col" data-numeric>
                {String(step[`step_${lang}`])}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                {one.is_lead ? (
                  <>
                    {one.name} <span className={styles.lead}>{t('customerFunnel.lead')}</span>
                  </>
                ) : (
                  <Link to={`/customers/${one.id}` as never} search={view as never} onClick={onFollow}>
                    {one.name}
                  </Link>
                )}
              </th>
              <td>{one.owner?.name ?? undefinedMark}</td>
              {steps.map((step) => {
                const since = (one.since as Record<string, string | null>)[String(step.step)]
                return (
                  <td key={String(step.step)} data-numeric>
                    {since ? date(since, lang) : undefinedMark}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}
