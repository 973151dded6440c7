import { Link } from '@tanstack/react-router'
import type { CustomerRow, CustomersPage } from '@/shared/api/records'
import { count, type Lang, undefinedMark } from '@/shared/format/format'
import { ownColumns } from '@/shared/own/own-fields'
import type { Names } from '@/shared/records/values'
import { moneyColumn } from '@/shared/table/money-column'
import type { CopiedColumn } from '@/shared/table/RecordsTable'
import type { View } from '@/shared/url/search'

export type CustomerColumn = CopiedColumn<CustomerRow>

export const columnKeys = [
  'name',
  'industry',
  'region',
  'owner',
  'grade',
  'deals_open',
  'open_minor',
  'won_minor',
  'deals',
] as const

export function customerColumns(
  page: CustomersPage | undefined,
  view: View,
  lang: Lang,
  head: (key: string) => string,
  names: Names,
): CustomerColumn[] {
  const member = (key: 'industry' | 'region' | 'owner'): CustomerColumn => ({
    key,
    head: head(key),
    cell: (row) => row[key]?.name ?? undefinedMark,
    title: (row) => row[key]?.name,
    text: (row) => row[key]?.name,
  })
  const number = (key: 'deals' | 'deals_open'): CustomerColumn => ({
    key,
    sort: key,
    numeric: true,
    head: head(key),
    cell: (row) => count(row[key], lang),
    text: (row) => row[key],
  })
  const money = (key: 'open_minor' | 'won_minor'): CustomerColumn =>
    moneyColumn({
      key,
      head: head(key),
      lang,
      money: { currency: page?.currency ?? null, decimals: page?.decimals ?? 2 },
      rows: page?.rows ?? [],
      minorOf: (row) => row[key],
    })
  return [
    {
      key: 'name',
      sort: 'name',
      head: head('name'),
      cell: (row) => (
        <Link to={`/customers/${row.id}` as never} search={view as never}>
          {row.name}
        </Link>
      ),
      title: (row) => row.name,
      text: (row) => row.name,
    },
    member('industry'),
    member('region'),
    member('owner'),
    { key: 'grade', head: head('grade'), cell: (row) => row.grade ?? undefinedMark, text: (row) => row.grade },
    number('deals_open'),
    money('open_minor'),
    money('won_minor'),
    number('deals'),
    ...ownColumns<CustomerRow>(page?.own, lang, names, {
      currency: page?.currency ?? null,
      decimals: page?.decimals ?? 2,
    }),
  ]
}
