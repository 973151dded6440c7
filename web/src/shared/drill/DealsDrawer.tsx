import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Drawer } from 'antd'
import { api, ok } from '../api/client'
import type { Deal, Deals } from '../api/types'
import { dateShort } from '../format/dates'
import {
  amount,
  amountExact,
  amountScale,
  asNumber,
  count,
  counted,
  scaled,
  undefinedMark,
  unitName,
  withUnit,
} from '../format/format'
import { useTexts } from '../i18n/i18n'
import { ProblemLine } from '../ui/Notice'
import { Scroller } from '../ui/Scroller'
import { Skeleton, Waiting } from '../ui/Skeleton'
import { useQuestion } from '../url/use-question'
import styles from './DealsDrawer.module.css'
import type { Drill } from './drill'

const pageSize = 100

/** The deals behind a number: the number, the sum of what they add to it, and each of them. */
export function DealsDrawer({ drill, onClose }: { drill: Drill; onClose: () => void }) {
  const { t } = useTexts()
  const question = { ...useQuestion(), ...drill.extra, cell: drill.cell }
  const deals = useInfiniteQuery({
    queryKey: ['opportunities', 'cell', question],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...question, sort: '-amount_minor', limit: String(pageSize), cursor: pageParam }
      return ok(api.GET('/api/v1/opportunities', { params: { query: query as never }, signal })) as Promise<Deals>
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const first = deals.data?.pages[0]
  const rows = deals.data?.pages.flatMap((page) => page.rows) ?? []
  const left = (first?.sums.deals ?? 0) - rows.length
  return (
    <Drawer
      open
      size={760}
      title={drill.title}
      onClose={onClose}
      extra={
        <Link to={'/deals' as never} search={question as never} onClick={onClose}>
          {t('drill.openList')}
        </Link>
      }
    >
      {deals.isError ? <ProblemLine error={deals.error} /> : null}
      {deals.isPending ? (
        <Waiting>
          <Skeleton height={28} width="60%" style={{ marginBottom: 16 }} />
          <Skeleton height={480} />
        </Waiting>
      ) : null}
      {first ? (
        <>
          <Sum page={first} weighted={drill.weighted ?? null} />
          {rows.length ? <Rows rows={rows} page={first} onFollow={onClose} /> : <p>{t('drill.empty')}</p>}
          {deals.hasNextPage ? (
            <Button block onClick={() => void deals.fetchNextPage()} loading={deals.isFetchingNextPage}>
              {t('drill.more', { n: Math.min(left, pageSize) })}
            </Button>
          ) : null}
        </>
      ) : null}
    </Drawer>
  )
}

/** What the deals below add up to, by the server's count: the number that was clicked. */
function Sum({ page, weighted }: { page: Deals; weighted: number | null }) {
  const { t, lang } = useTexts()
  const deals = counted(page.sums.cell_deals ?? page.sums.deals, lang)
  const minor = asNumber(page.sums.cell_minor ?? page.sums.amount_minor)
  const money = { currency: page.currency ?? null, decimals: page.decimals ?? 2 }
  if (minor !== null && weighted !== null) {
    const exact = `${amountExact(minor, money, lang)} → ${amountExact(weighted, money, lang)}`
    const told = { ...deals, amount: amount(minor, money, lang), weighted: amount(weighted, money, lang) }
    return (
      <p className={styles.sum} title={exact}>
        {t('drill.weighted', told)}
      </p>
    )
  }
  return (
    <p className={styles.sum} title={minor === null ? undefined : amountExact(minor, money, lang)}>
      {minor === null ? t('drill.sumPlain', deals) : t('drill.sum', { ...deals, amount: amount(minor, money, lang) })}
    </p>
  )
}

function Rows({ rows, page, onFollow }: { rows: Deal[]; page: Deals; onFollow: () => void }) {
  const { t, lang } = useTexts()
  const minorOf = (deal: Deal) => asNumber(deal.cell_minor ?? deal.amount_minor)
  const decimals = page.decimals ?? 2
  const scale = amountScale(rows.map(minorOf), decimals, lang)
  const unit = unitName('amount_minor', scale, page.currency, lang)
  const question = useQuestion()
  return (
    <Scroller className={styles.scroller}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('drill.deal')}</th>
            <th scope="col">{t('drill.stage')}</th>
            <th scope="col">{t('drill.owner')}</th>
            <th scope="col" data-numeric>
              {withUnit(t('drill.adds'), unit, lang)}
            </th>
            <th scope="col" data-numeric>
              {t('drill.days')}
            </th>
            <th scope="col" data-numeric>
              {t('drill.closes')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((deal) => {
            const minor = minorOf(deal)
            return (
              <tr key={deal.id}>
                <th scope="row">
                  <Link to={`/deals/${deal.id}` as never} search={question as never} onClick={onFollow}>
                    {deal.name ?? `#${deal.id}`}
                  </Link>
                  {deal.account ? <span className={styles.account}>{deal.account.name}</span> : null}
                </th>
                <td>{deal.stage?.name[lang] ?? undefinedMark}</td>
                <td>{deal.owner?.name ?? undefinedMark}</td>
                <td data-numeric title={minor === null ? t('drill.noAmount') : undefined}>
                  {minor === null ? undefinedMark : scaled(minor, scale, lang)}
                </td>
                <td data-numeric>{deal.days_in_stage == null ? undefinedMark : count(deal.days_in_stage, lang)}</td>
                <td data-numeric>{deal.expected_close_on ? dateShort(deal.expected_close_on, lang) : undefinedMark}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </Scroller>
  )
}
