import { CloseOutlined, PlusOutlined, SearchOutlined } from '@ant-design/icons'
import { useNavigate } from '@tanstack/react-router'
import { App, Button, Input, Switch } from 'antd'
import { useEffect, useId, useMemo, useState } from 'react'
import { useMay } from '@/shared/api/queries'
import type { DealRow, DealsPage } from '@/shared/api/records'
import { amountExact, asNumber, count, counted, type Lang } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ownColumnKey } from '@/shared/own/own-fields'
import { AddRates } from '@/shared/records/AddRates'
import { useValueNames } from '@/shared/records/use-value-names'
import { ListTools } from '@/shared/table/ListTools'
import { NoRows } from '@/shared/table/NoRows'
import { RecordsTable } from '@/shared/table/RecordsTable'
import { copyOf } from '@/shared/table/tsv'
import { useColumns } from '@/shared/table/use-columns'
import { ProblemLine } from '@/shared/ui/Notice'
import { PageBody, WithDeals } from '@/shared/ui/Page'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { usePhone } from '@/shared/ui/use-media'
import { useAsOf } from '@/shared/url/use-question'
import { useAddressValue, useSetAddress, useView } from '@/shared/url/use-view'
import { columnKeys, dealColumns, firstColumns, outcomesText, phoneColumns, sumText } from './columns'
import styles from './DealsPage.module.css'
import { NewDeal } from './NewDeal'
import { type DealsAsk, dealsFile, useDeals, useDealsAsk } from './use-deals'

export function Page() {
  const { t } = useTexts()
  const { past } = useAsOf()
  const mayEdit = useMay('edit_deals')
  const [making, setMaking] = useState(false)
  return (
    <PageBody
      title={t('pages.deals')}
      tools={
        mayEdit && !past ? (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
            {t('deals.make')}
          </Button>
        ) : null
      }
    >
      <WithDeals>
        <List />
      </WithDeals>
      {making ? <NewDeal onClose={() => setMaking(false)} /> : null}
    </PageBody>
  )
}

function List() {
  const { t, lang } = useTexts()
  const { message } = App.useApp()
  const navigate = useNavigate()
  const phone = usePhone()
  const view = useView()
  const ask = useDealsAsk()
  const { pages, rows, first } = useDeals(ask)
  const [, setSort] = useAddressValue('sort')
  const setAddress = useSetAddress()
  const all = [...columnKeys, ...(first?.own ?? []).map((own) => ownColumnKey(own.name))]
  const [shown, setShown] = useColumns('deals', all, phone ? phoneColumns : firstColumns)
  const names = useValueNames()
  const { outcome, process } = names
  const columns = useMemo(() => {
    const head = (key: string) => t(`dealColumns.${key as 'name'}`)
    return dealColumns(first, view, { lang, names, head, outcome, process }).filter(
      (column) => column.key !== 'cell_minor' || ask.cell !== undefined,
    )
  }, [first, view, lang, t, names, outcome, process, ask.cell])
  const visible = columns.filter((column) => shown.includes(column.key))
  const open = (row: DealRow) => void navigate({ to: `/deals/${row.id}` as never, search: view as never })
  const copy = async () => {
    await navigator.clipboard.writeText(copyOf(visible, rows))
    void message.success(t('list.copied', counted(rows.length, lang)))
  }
  const ways = [
    { name: t('deals.wholeList'), when: ask.cell, change: { cell: undefined, from: undefined, to: undefined } },
    { name: t('deals.withClosed'), when: !ask.cell && !ask.withClosed, change: { closed: 'true' } },
  ].flatMap(({ name, when, change }) => (when ? { name, onTake: () => void setAddress(change) } : []))
  return (
    <>
      <Bar ask={ask} first={first}>
        <ListTools
          columns={columns}
          shown={shown}
          onShown={setShown}
          onCopy={() => void copy()}
          file={(format) => dealsFile(ask, format)}
        />
      </Bar>
      {pages.isError ? <ProblemLine error={pages.error} /> : null}
      {first ? (
        <>
          <Status first={first} ask={ask} />
          {rows.length === 0 ? (
            <NoRows text={t('deals.none')} ways={ways} />
          ) : (
            <RecordsTable
              label={t('pages.deals')}
              columns={visible}
              rows={rows}
              total={first.sums.deals}
              idOf={(row) => row.id}
              sort={ask.sort}
              onSort={setSort}
              foot={footOf(first, t('deals.sum', counted(first.sums.deals, lang)), lang)}
              hasMore={pages.hasNextPage}
              loadingMore={pages.isFetchingNextPage}
              onMore={() => void pages.fetchNextPage()}
              onOpen={open}
              onCopy={() => void copy()}
              height={phone ? 'calc(100dvh - 300px)' : 'calc(100dvh - 236px)'}
            />
          )}
        </>
      ) : pages.isPending ? (
        <Waiting>
          <Skeleton height="60vh" />
        </Waiting>
      ) : null}
    </>
  )
}

function footOf(page: DealsPage, deals: string, lang: Lang) {
  return {
    name: deals,
    amount_minor: <span title={page.sums.amount_why?.[lang]}>{sumText(page.sums.amount_minor, page, lang)}</span>,
    cell_minor: sumText(page.sums.cell_minor, page, lang),
  }
}

function Bar({ ask, first, children }: { ask: DealsAsk; first: DealsPage | undefined; children: React.ReactNode }) {
  const { t } = useTexts()
  const setAddress = useSetAddress()
  const [typed, setTyped] = useState(ask.q)
  const closedLabel = useId()
  useEffect(() => setTyped(ask.q), [ask.q])
  const search = (text: string) => void setAddress({ q: text.trim() || undefined }, { replace: true })
  return (
    <div className={styles.bar}>
      <Input
        className={styles.search}
        allowClear
        prefix={<SearchOutlined />}
        aria-label={t('deals.find')}
        placeholder={t('deals.find')}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          search(event.target.value)
        }}
      />
      {ask.cell ? (
        <CellChip ask={ask} first={first} />
      ) : (
        <span>
          <Switch
            size="small"
            aria-labelledby={closedLabel}
            checked={ask.withClosed}
            onChange={(on) => void setAddress({ closed: on ? 'true' : undefined }, { replace: true })}
          />{' '}
          <span id={closedLabel}>{t('deals.withClosed')}</span>
        </span>
      )}
      <span className={styles.grow} />
      <span className={styles.tools}>{children}</span>
    </div>
  )
}

/** The number that was clicked, with what it is made of; taken away, the whole list is shown. */
function CellChip({ ask, first }: { ask: DealsAsk; first: DealsPage | undefined }) {
  const { t, lang } = useTexts()
  const setAddress = useSetAddress()
  const minor = asNumber(first?.sums.cell_minor)
  const money = { currency: first?.currency ?? null, decimals: first?.decimals ?? 2 }
  const n = first?.sums.cell_deals ?? first?.sums.deals
  const leave = () => void setAddress({ cell: undefined, from: undefined, to: undefined, sort: undefined })
  const number =
    n === undefined
      ? ''
      : minor === null
        ? t('drill.sumPlain', counted(n, lang))
        : t('drill.sum', { ...counted(n, lang), amount: amountExact(minor, money, lang) })
  return (
    <span className={styles.cell} title={ask.cell}>
      <span>
        {t('deals.behind')} {number}
      </span>
      <Button
        type="text"
        size="small"
        shape="circle"
        icon={<CloseOutlined />}
        aria-label={t('deals.wholeList')}
        onClick={leave}
      />
    </span>
  )
}

/** What is counted, and what is left out: nothing is hidden in silence. */
function Status({ first, ask }: { first: DealsPage; ask: DealsAsk }) {
  const { t, lang, say } = useTexts()
  const { sums } = first
  const outcomes = outcomesText(sums, { lang, outcome: (key) => t(`states.${key as 'open'}`, { defaultValue: key }) })
  const parts = [
    outcomes ? t('deals.inTotal', { outcomes }) : null,
    sums.deals === 0 || sums.weighted_minor === null || sums.weighted_minor === undefined
      ? null
      : t('deals.weighted', { amount: sumText(sums.weighted_minor, first, lang) }),
    sums.amount_why ? say(sums.amount_why) : null,
    sums.deals_without_amount ? t('deals.withoutAmount', { n: count(sums.deals_without_amount, lang) }) : null,
    !ask.cell && sums.left_out.others > 0 ? t('deals.leftOut', counted(sums.left_out.others, lang)) : null,
  ].filter((part) => part !== null)
  return (
    <p className={styles.status} aria-live="polite">
      {parts.join(' · ')} {sums.amount_why ? <AddRates /> : null}
    </p>
  )
}
