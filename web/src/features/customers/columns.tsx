import { Link } from '@tanstack/react-router'
import type { CustomerRow, CustomersPage } from '@/shared/api/records'
import {
  amountExact,
  amountScale,
  asNumber,
  count,
  type Lang,
  scaled,
  undefinedMark,
  unitName,
  withUnit,
} from '@/shared/format/format'
import type { ListColumn } from '@/shared/table/RecordsTable'
import type { View } from '@/shared/url/search'

export type CustomerColumn = ListColumn<CustomerRow> & {
  text: (row: CustomerRow) => string | number | null | undefined
}

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
): CustomerColumn[] {
  const currency = page?.currency ?? null
  const decimals = page?.decimals ?? 2
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
  const money = (key: 'open_minor' | 'won_minor'): CustomerColumn => {
    const scale = amountScale(page?.rows.map((row) => row[key]) ?? [], decimals, lang)
    const unit = unitName('amount_minor', scale, currency, lang)
    return {
      key,
      sort: key,
      numeric: true,
      head: withUnit(head(key), unit, lang),
      plainHead: withUnit(head(key), currency, lang),
      cell: (row) => {
        const minor = asNumber(row[key])
        return minor === null ? undefinedMark : scaled(minor, scale, lang)
      },
      title: (row) => {
        const minor = asNumber(row[key])
        return minor === null ? undefined : amountExact(minor, { currency, decimals }, lang)
      },
      text: (row) => {
        const minor = asNumber(row[key])
        return minor === null ? null : minor / 10 ** decimals
      },
    }
  }
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
  ]
}
