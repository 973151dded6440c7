import { PlusOutlined, SearchOutlined } from '@ant-design/icons'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { App, Button, Input, Switch } from 'antd'
import { useEffect, useId, useMemo, useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { fileAddress, useMay, useMeta } from '@/shared/api/queries'
import { type CustomerRow, type CustomersPage, recordsKeys } from '@/shared/api/records'
import { amount, asNumber, count, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { AddRates } from '@/shared/records/AddRates'
import { ListTools } from '@/shared/table/ListTools'
import { NoRows } from '@/shared/table/NoRows'
import { RecordsTable } from '@/shared/table/RecordsTable'
import { copyOf } from '@/shared/table/tsv'
import { useValueNames } from '@/shared/records/use-value-names'
import { ownColumnKey } from '@/shared/own/own-fields'
import { useColumns } from '@/shared/table/use-columns'
import { ProblemLine } from '@/shared/ui/Notice'
import { PageBody } from '@/shared/ui/Page'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { usePhone } from '@/shared/ui/use-media'
import { useMoment, useProcess } from '@/shared/url/use-question'
import { useAddressValue, useSetAddress, useView } from '@/shared/url/use-view'
import styles from './CustomersPage.module.css'
import { columnKeys, customerColumns } from './columns'
import { NewCustomer } from './NewCustomer'

const pageSize = 200

export function Page() {
  const { t } = useTexts()
  const mayEdit = useMay('edit_customers')
  const moment = useMoment()
  const now = !moment.as_of && !moment.known_at
  const [making, setMaking] = useState(false)
  return (
    <PageBody
      title={t('pages.customers')}
      tools={
        mayEdit && now ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
            {t('customers.make')}
          </Button>
        ) : null
      }
    >
      <List />
      {making ? <NewCustomer onClose={() => setMaking(false)} /> : null}
    </PageBody>
  )
}

function List() {
  const { t, lang } = useTexts()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const phone = usePhone()
  const view = useView()
  const [q] = useAddressValue('q')
  const [chosen, setSort] = useAddressValue('sort')
  const sort = chosen && sortable.includes(chosen.replace(/^-/, '')) ? chosen : '-open_minor'
  const { scope, where, f } = view
  const moment = useMoment()
  const { process, several, every, setEvery } = useCountedProcess()
  const valued = { ...moment, scope, where, f, process }
  const query = { ...valued, q, sort }
  const everyLabel = useId()
  const pages = useInfiniteQuery({
    queryKey: [recordsKeys.customers, 'list', query],
    queryFn: ({ pageParam, signal }) =>
      ok(
        api.GET('/api/v1/customers', {
          params: { query: { ...query, limit: pageSize, cursor: pageParam } as never },
          signal,
        }),
      ) as Promise<CustomersPage>,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
  const first = pages.data?.pages[0]
  const rows = useMemo<CustomerRow[]>(() => pages.data?.pages.flatMap((page) => page.rows) ?? [], [pages.data])
  const all = [...columnKeys, ...(first?.own ?? []).map((own) => ownColumnKey(own.name))]
  const [shown, setShown] = useColumns('customers', all, columnKeys)
  const names = useValueNames()
  const columns = useMemo(
    () => customerColumns(first, view, lang, (key) => t(`customers.${key as 'name'}`), names),
    [first, view, lang, t, names],
  )
  const visible = columns.filter((column) => shown.includes(column.key))
  const copy = async () => {
    await navigator.clipboard.writeText(copyOf(visible, rows))
    void message.success(t('list.copied', { count: rows.length, n: count(rows.length, lang) }))
  }
  const money = (value: unknown) => {
    const minor = asNumber(value)
    if (minor === null) return <span title={first?.sums.amount_why?.[lang]}>{undefinedMark}</span>
    return amount(minor, { currency: first?.currency ?? null, decimals: first?.decimals ?? 2 }, lang)
  }
  return (
    <>
      <div className={styles.bar}>
        <Search q={q ?? ''} />
        {several ? (
          <span>
            <Switch size="small" aria-labelledby={everyLabel} checked={every} onChange={setEvery} />{' '}
            <span id={everyLabel}>{t('customers.every')}</span>
          </span>
        ) : null}
        <span className={styles.grow} />
        <span className={styles.tools}>
          <ListTools
            columns={columns}
            shown={shown}
            onShown={setShown}
            onCopy={() => void copy()}
            file={(format) => fileAddress('customers', valued, { q, sort }, format)}
          />
        </span>
      </div>
      {pages.isError ? <ProblemLine error={pages.error} /> : null}
      {pages.isPending ? (
        <Waiting>
          <Skeleton height="60vh" />
        </Waiting>
      ) : null}
      {first?.sums.amount_why ? (
        <p className={styles.soft}>
          {t('customers.mixed')} <AddRates />
        </p>
      ) : null}
      {first && rows.length === 0 ? (
        <NoRows
          text={t('customers.none')}
          ways={several && !every ? [{ name: t('customers.every'), onTake: () => setEvery(true) }] : []}
        />
      ) : null}
      {first && rows.length > 0 ? (
        <RecordsTable
          label={t('pages.customers')}
          columns={visible}
          rows={rows}
          total={first.sums.customers}
          idOf={(row) => row.id}
          sort={sort}
          onSort={setSort}
          foot={{
            name: t('customers.sum', { count: first.sums.customers, n: count(first.sums.customers, lang) }),
            deals: count(first.sums.deals, lang),
            deals_open: count(first.sums.deals_open, lang),
            open_minor: money(first.sums.open_minor),
            won_minor: money(first.sums.won_minor),
          }}
          hasMore={pages.hasNextPage}
          loadingMore={pages.isFetchingNextPage}
          onMore={() => void pages.fetchNextPage()}
          onOpen={(row) => void navigate({ to: `/customers/${row.id}` as never, search: view as never })}
          onCopy={() => void copy()}
          height={phone ? 'calc(100dvh - 270px)' : 'calc(100dvh - 210px)'}
        />
      ) : null}
    </>
  )
}

/**
 * The process whose deals count, and whose customers are shown: that of the header, where there are several. With the
 * switch all customers are, those without deals too.
 */
function useCountedProcess() {
  const { processes } = useMeta()
  const process = useProcess()?.key
  const [chosen, choose] = useAddressValue('every')
  const several = processes.filter((one) => one.deals > 0).length > 1
  const every = chosen === 'true'
  return {
    process: several && !every ? process : undefined,
    several,
    every,
    setEvery: (on: boolean) => choose(on ? 'true' : undefined),
  }
}

const sortable = ['name', 'deals', 'deals_open', 'open_minor', 'won_minor']

function Search({ q }: { q: string }) {
  const { t } = useTexts()
  const setAddress = useSetAddress()
  const [typed, setTyped] = useState(q)
  useEffect(() => setTyped(q), [q])
  return (
    <Input
      className={styles.search}
      allowClear
      prefix={<SearchOutlined />}
      aria-label={t('customers.find')}
      placeholder={t('customers.find')}
      value={typed}
      onChange={(event) => {
        setTyped(event.target.value)
        void setAddress({ q: event.target.value.trim() || undefined }, { replace: true })
      }}
    />
  )
}
