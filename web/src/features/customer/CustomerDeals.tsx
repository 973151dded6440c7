import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, ok } from '@/shared/api/client'
import { useMay } from '@/shared/api/queries'
import { type DealsPage, recordsKeys } from '@/shared/api/records'
import { date } from '@/shared/format/dates'
import { amount, asNumber, count, undefinedMark, withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { recordStyles as styles } from '@/shared/records/RecordPage'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import { useAsOf, useMoment } from '@/shared/url/use-question'
import { useView } from '@/shared/url/use-view'
import { Scroller } from '@/shared/ui/Scroller'

const shown = 20

/** The customer's deals of every process, the largest first; all of them are a list of deals. */
export function CustomerDeals({ id }: { id: number }) {
  const { t, lang, say } = useTexts()
  const view = useView()
  const { past } = useAsOf()
  const mayEdit = useMay('edit_deals')
  const query = { f: [`account:#${id}`], ...useMoment(), scope: view.scope }
  const deals = useQuery({
    queryKey: [recordsKeys.deals, 'customer', query],
    queryFn: ({ signal }) =>
      ok(
        api.GET('/api/v1/opportunities', {
          params: { query: { ...query, sort: '-amount_minor', limit: shown } as never },
          signal,
        }),
      ) as Promise<DealsPage>,
  })
  const page = deals.data
  return (
    <section className={styles.panel} aria-label={t('pages.deals')}>
      <h2>
        {t('pages.deals')}
        {page && page.sums.deals > page.rows.length ? (
          <Link to={'/deals' as never} search={{ ...view, f: query.f, closed: 'true' } as never}>
            {withUnit(t('customers.allDeals'), count(page.sums.deals, lang), lang)}
          </Link>
        ) : null}
      </h2>
      {deals.isError ? <ProblemLine error={deals.error} /> : null}
      {deals.isPending ? <Skeleton height={120} /> : null}
      {page?.rows.length === 0 ? (
        <p className={styles.faint}>
          {t(past ? 'customers.noDealsThen' : 'customers.noDeals')}{' '}
          {mayEdit && !past ? (
            <Link to={'/deals' as never} search={view as never}>
              {t('customers.toDeals')}
            </Link>
          ) : null}
        </p>
      ) : null}
      {page && page.rows.length > 0 ? (
        <Scroller>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('dealColumns.name')}</th>
                <th scope="col">{t('dealColumns.stage')}</th>
                <th scope="col">{t('dealColumns.outcome')}</th>
                <th scope="col" data-numeric>
                  {t('dealColumns.amount_minor')}
                </th>
                <th scope="col" data-numeric>
                  {t('dealColumns.expected_close_on')}
                </th>
              </tr>
            </thead>
            <tbody>
              {page.rows.map((deal) => {
                const minor = asNumber(deal.amount_minor)
                const money = { currency: deal.currency ?? null, decimals: deal.decimals ?? 2 }
                return (
                  <tr key={deal.id}>
                    <th scope="row" title={deal.name ?? undefined}>
                      <Link to={`/deals/${deal.id}` as never} search={view as never}>
                        {deal.name ?? `#${deal.id}`}
                      </Link>
                    </th>
                    <td>{deal.stage ? say(deal.stage.name) : undefinedMark}</td>
                    <td>{t(`states.${deal.outcome as 'open'}`, { defaultValue: deal.outcome })}</td>
                    <td data-numeric>{minor === null ? undefinedMark : amount(minor, money, lang)}</td>
                    <td data-numeric>{deal.expected_close_on ? date(deal.expected_close_on, lang) : undefinedMark}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </Scroller>
      ) : null}
    </section>
  )
}
