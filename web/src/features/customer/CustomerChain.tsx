import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Tabs } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { recordsKeys } from '@/shared/api/records'
import type { components } from '@/shared/api/schema'
import { date } from '@/shared/format/dates'
import { amount, amountExact, asNumber, count, counted, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { type Figure, Figures, recordStyles as styles } from '@/shared/records/RecordPage'
import { wantedRow } from '@/shared/records/wanted-row'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { Skeleton } from '@/shared/ui/Skeleton'
import { useMoment } from '@/shared/url/use-question'
import { useAddressValue, useView } from '@/shared/url/use-view'

type Chain = components['schemas']['CustomerChainBody']
type ChainRecord = components['schemas']['ChainRecordBody']
type Kind = 'lead' | 'contract' | 'order' | 'invoice' | 'payment' | 'service_request'

/** What belongs to the customer beside deals, a tab a kind; what is open and overdue of its invoices above them. */
export function CustomerChain({ id }: { id: number }) {
  const { t } = useTexts()
  const moment = useMoment()
  const chain = useQuery({
    queryKey: [...recordsKeys.customer(id), 'chain', moment],
    queryFn: ({ signal }) =>
      ok(
        api.GET('/api/v1/customers/{id}/chain', { params: { path: { id }, query: moment }, signal }),
      ) as Promise<Chain>,
  })
  return (
    <section className={styles.panel} aria-label={t('chain.title')}>
      <h2>{t('chain.title')}</h2>
      {chain.isError ? <ProblemLine error={chain.error} /> : null}
      {chain.isPending ? <Skeleton height={120} /> : null}
      {chain.data ? <Kinds chain={chain.data} /> : null}
    </section>
  )
}

function Kinds({ chain }: { chain: Chain }) {
  const { t, lang } = useTexts()
  const figures = useInvoiceFigures(chain)
  const [wanted] = useAddressValue('record')
  const [kindWanted] = wanted?.split(':') ?? []
  const [shown, setShown] = useState<string>()
  const held = chain.counts.filter(({ records }) => records > 0)
  if (held.length === 0) return <p className={styles.faint}>{t('chain.empty')}</p>
  const name = (kind: string) => t(`chain.kinds.${kind as Kind}`)
  return (
    <>
      {figures.length ? <Figures figures={figures} /> : null}
      <Tabs
        size="small"
        activeKey={[shown, kindWanted].find((key) => held.some(({ kind }) => kind === key)) ?? held[0]?.kind}
        onChange={setShown}
        items={held.map(({ kind, records }) => {
          const rows = chain.rows.filter((row) => row.kind === kind)
          return {
            key: kind,
            label: t('chain.all', { name: name(kind), n: count(records, lang) }),
            children: (
              <>
                <Rows rows={rows} name={name(kind)} />
                {rows.length < records ? (
                  <p className={styles.faint}>{t('chain.newest', { n: count(rows.length, lang) })}</p>
                ) : null}
              </>
            ),
          }
        })}
      />
    </>
  )
}

/** Open and overdue, once a currency. */
function useInvoiceFigures(chain: Chain): Figure[] {
  const { t, lang } = useTexts()
  return chain.invoices.flatMap((sums) => {
    const money = { currency: sums.currency, decimals: sums.decimals }
    const figure = (label: string, minor: unknown, invoices: number): Figure => ({
      label,
      value: amount(asNumber(minor) ?? 0, money, lang),
      title: amountExact(asNumber(minor) ?? 0, money, lang),
      note: t('chain.openCount', counted(invoices, lang)),
    })
    const open = figure(t('chain.open'), sums.open_minor, sums.open)
    return sums.overdue > 0 ? [open, figure(t('chain.overdue'), sums.overdue_minor, sums.overdue)] : [open]
  })
}

function Rows({ rows, name }: { rows: readonly ChainRecord[]; name: string }) {
  const { t, lang } = useTexts()
  const view = useView()
  const [wanted] = useAddressValue('record')
  const has = (key: keyof ChainRecord) => rows.some((row) => row[key] !== null && row[key] !== undefined)
  return (
    <Scroller>
      <table className={styles.table} aria-label={name}>
        <thead>
          <tr>
            <th scope="col">{t('chain.number')}</th>
            <th scope="col" data-numeric>
              {t('chain.on')}
            </th>
            {has('until') ? (
              <th scope="col" data-numeric>
                {t('chain.until')}
              </th>
            ) : null}
            {has('status') ? <th scope="col">{t('chain.status')}</th> : null}
            {has('note') ? <th scope="col">{t('chain.note')}</th> : null}
            {has('amount_minor') ? (
              <th scope="col" data-numeric>
                {t('chain.amount')}
              </th>
            ) : null}
            {has('open_minor') ? (
              <th scope="col" data-numeric>
                {t('chain.left')}
              </th>
            ) : null}
            {has('opportunity') ? <th scope="col">{t('pages.deals')}</th> : null}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} {...wantedRow(wanted === `${row.kind}:${row.id}`)}>
              <th scope="row" title={row.title ?? undefined}>
                {row.title ?? `#${row.id}`}
              </th>
              <td data-numeric>{row.on ? date(row.on, lang) : undefinedMark}</td>
              {has('until') ? <td data-numeric>{row.until ? date(row.until, lang) : undefinedMark}</td> : null}
              {has('status') ? <td>{statusOf(row, t) ?? undefinedMark}</td> : null}
              {has('note') ? <td>{row.note ?? undefinedMark}</td> : null}
              {has('amount_minor') ? <td data-numeric>{moneyOf(row, row.amount_minor, lang)}</td> : null}
              {has('open_minor') ? (
                <td data-numeric>
                  {row.is_overdue ? <em>{t('chain.isOverdue')} </em> : null}
                  {moneyOf(row, row.open_minor, lang)}
                </td>
              ) : null}
              {has('opportunity') ? (
                <td>
                  {row.opportunity ? (
                    <Link to={`/deals/${row.opportunity.id}` as never} search={view as never}>
                      {row.opportunity.name}
                    </Link>
                  ) : (
                    undefinedMark
                  )}
                </td>
              ) : null}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  )
}

function statusOf(row: ChainRecord, t: ReturnType<typeof useTexts>['t']): string | null {
  if (row.kind !== 'lead' || !row.status) return row.status ?? null
  return t(`chain.leadStatus.${row.status as 'open'}`, { defaultValue: row.status })
}

function moneyOf(row: ChainRecord, minor: unknown, lang: 'zh' | 'en'): string {
  const value = asNumber(minor)
  return value === null
    ? undefinedMark
    : amount(value, { currency: row.currency ?? null, decimals: row.decimals ?? 2 }, lang)
}
