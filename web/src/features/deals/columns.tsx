import { Link } from '@tanstack/react-router'
import type { DealRow, DealsPage, Named } from '@/shared/api/records'
import { date } from '@/shared/format/dates'
import {
  amount,
  amountExact,
  amountScale,
  asNumber,
  count,
  type Lang,
  scaled,
  share,
  undefinedMark,
  unitName,
  withUnit,
} from '@/shared/format/format'
import type { ListColumn } from '@/shared/table/RecordsTable'
import type { View } from '@/shared/url/search'
import styles from './DealsPage.module.css'

export type DealColumn = ListColumn<DealRow> & {
  /** The cell as plain text, for a spreadsheet. */
  text: (row: DealRow) => string | number | null | undefined
}

type Words = {
  lang: Lang
  head: (key: string) => string
  outcome: (key: string) => string
}

/** Columns in their order; the first is the deal itself. */
export const columnKeys = [
  'name',
  'account',
  'stage',
  'outcome',
  'cell_minor',
  'amount_minor',
  'days_in_stage',
  'expected_close_on',
  'owner',
  'team',
  'next_step',
  'next_step_on',
  'probability_ppm',
  'region',
  'industry',
  'product',
  'channel',
  'campaign',
  'created_on',
  'closed_on',
  'external_id',
  'process',
] as const

/** Where there is no width: the deal, where it stands, and what it is about. */
export const phoneColumns = ['name', 'stage', 'cell_minor', 'amount_minor', 'owner']

export const firstColumns = [
  'name',
  'account',
  'stage',
  'outcome',
  'cell_minor',
  'amount_minor',
  'days_in_stage',
  'expected_close_on',
  'owner',
  'next_step',
]

/** Dimensions by which the server orders are members; they have a name each. */
const members = ['account', 'owner', 'team', 'region', 'industry', 'product', 'channel', 'campaign'] as const

export function dealColumns(page: DealsPage | undefined, view: View, words: Words): DealColumn[] {
  const { lang, head } = words
  const decimals = page?.decimals ?? 2
  const currency = page?.currency ?? null
  // One unit a column, by the first page: it stays the same while one scrolls.
  const money = (key: 'amount_minor' | 'cell_minor'): DealColumn => {
    const scale = amountScale(page?.rows.map((row) => row[key]) ?? [], decimals, lang)
    const unit = unitName('amount_minor', scale, currency, lang)
    return {
      key,
      sort: key,
      numeric: true,
      head: withUnit(head(key), unit, lang),
      cell: (row) => {
        const minor = asNumber(row[key])
        if (minor === null) return <span className={styles.soft}>{undefinedMark}</span>
        const foreign = key === 'amount_minor' && row.currency !== null && row.currency !== currency
        if (foreign) return amount(minor, { currency: row.currency ?? null, decimals: row.decimals ?? decimals }, lang)
        return scaled(minor, scale, lang)
      },
      title: (row) => {
        const minor = asNumber(row[key])
        const own =
          key === 'amount_minor' ? { currency: row.currency ?? null, decimals: row.decimals ?? decimals } : null
        return minor === null ? undefined : amountExact(minor, own ?? { currency, decimals }, lang)
      },
      text: (row) => {
        const minor = asNumber(row[key])
        return minor === null ? null : minor / 10 ** ((key === 'amount_minor' ? row.decimals : null) ?? decimals)
      },
    }
  }
  const day = (key: 'expected_close_on' | 'next_step_on' | 'created_on' | 'closed_on'): DealColumn => ({
    key,
    sort: key,
    numeric: true,
    head: head(key),
    cell: (row) => (row[key] ? date(row[key], lang) : undefinedMark),
    text: (row) => row[key],
  })
  const plain = (key: 'next_step' | 'external_id' | 'process'): DealColumn => ({
    key,
    sort: key,
    head: head(key),
    cell: (row) => row[key] ?? undefinedMark,
    title: (row) => row[key] ?? undefined,
    text: (row) => row[key],
  })
  const all: DealColumn[] = [
    {
      key: 'name',
      sort: 'name',
      head: head('name'),
      cell: (row) => (
        <Link to={`/deals/${row.id}` as never} search={view as never}>
          {row.name ?? `#${row.id}`}
        </Link>
      ),
      title: (row) => row.name ?? undefined,
      text: (row) => row.name,
    },
    ...members.map((key): DealColumn => {
      const of = (row: DealRow): Named | null => row[key] ?? null
      return {
        key,
        sort: key,
        head: head(key),
        cell: (row) => of(row)?.name ?? undefinedMark,
        title: (row) => of(row)?.name,
        text: (row) => of(row)?.name,
      }
    }),
    {
      key: 'stage',
      sort: 'stage',
      head: head('stage'),
      cell: (row) => row.stage?.name[lang] ?? undefinedMark,
      text: (row) => row.stage?.name[lang],
    },
    {
      key: 'outcome',
      sort: 'outcome',
      head: head('outcome'),
      cell: (row) => (
        <span className={styles.outcome} data-outcome={row.outcome}>
          {words.outcome(row.outcome)}
        </span>
      ),
      text: (row) => words.outcome(row.outcome),
    },
    money('cell_minor'),
    money('amount_minor'),
    {
      key: 'days_in_stage',
      sort: 'days_in_stage',
      numeric: true,
      head: head('days_in_stage'),
      cell: (row) => (row.days_in_stage == null ? undefinedMark : count(row.days_in_stage, lang)),
      text: (row) => row.days_in_stage,
    },
    {
      key: 'probability_ppm',
      sort: 'probability_ppm',
      numeric: true,
      head: head('probability_ppm'),
      cell: (row) => (row.probability_ppm == null ? undefinedMark : share(row.probability_ppm / 1e6, lang, 0)),
      text: (row) => (row.probability_ppm == null ? null : row.probability_ppm / 1e6),
    },
    day('expected_close_on'),
    day('next_step_on'),
    day('created_on'),
    day('closed_on'),
    plain('next_step'),
    plain('external_id'),
    plain('process'),
  ]
  return columnKeys.flatMap((key) => all.find((column) => column.key === key) ?? [])
}

/** An amount with its sign, as the foot of a column says it; its unit is that of the head where it has one. */
export function sumText(value: unknown, page: DealsPage, lang: Lang): string {
  const minor = asNumber(value)
  if (minor === null) return undefinedMark
  return amount(minor, { currency: page.currency ?? null, decimals: page.decimals ?? 2 }, lang)
}
