import { Link } from '@tanstack/react-router'
import type { DealRow, DealsPage, Named } from '@/shared/api/records'
import { date } from '@/shared/format/dates'
import { amount, asNumber, count, type Lang, share, undefinedMark } from '@/shared/format/format'
import { ownColumns } from '@/shared/own/own-fields'
import type { Names } from '@/shared/records/values'
import { moneyColumn } from '@/shared/table/money-column'
import type { CopiedColumn } from '@/shared/table/RecordsTable'
import type { View } from '@/shared/url/search'
import styles from './DealsPage.module.css'

export type DealColumn = CopiedColumn<DealRow>

type Words = {
  lang: Lang
  names: Names
  head: (key: string) => string
  outcome: (key: string) => string
  process: (key: string) => string
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

type Context = Words & { page: DealsPage | undefined; view: View }

export function dealColumns(page: DealsPage | undefined, view: View, words: Words): DealColumn[] {
  const context = { ...words, page, view }
  const all: DealColumn[] = [
    nameColumn(context),
    ...members.map((key) => memberColumn(key, context)),
    ...standing(context),
    ...amounts(context),
    ...figures(context),
    ...days.map((key) => dayColumn(key, context)),
    ...plain.map((key) => plainColumn(key, context)),
  ]
  const money = { currency: page?.currency ?? null, decimals: page?.decimals ?? 2 }
  const own = ownColumns<DealRow>(page?.own, words.lang, words.names, money)
  return [...columnKeys.flatMap((key) => all.find((column) => column.key === key) ?? []), ...own]
}

const days = ['expected_close_on', 'next_step_on', 'created_on', 'closed_on'] as const
const plain = ['next_step', 'external_id'] as const

function nameColumn({ head, view }: Context): DealColumn {
  return {
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
  }
}

function memberColumn(key: (typeof members)[number], { head }: Context): DealColumn {
  const of = (row: DealRow): Named | null => row[key] ?? null
  return {
    key,
    sort: key,
    head: head(key),
    cell: (row) => of(row)?.name ?? undefinedMark,
    title: (row) => of(row)?.name,
    text: (row) => of(row)?.name,
  }
}

/** Where a deal stands. */
function standing({ head, lang, outcome, process }: Context): DealColumn[] {
  return [
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
          {outcome(row.outcome)}
        </span>
      ),
      text: (row) => outcome(row.outcome),
    },
    {
      key: 'process',
      sort: 'process',
      head: head('process'),
      cell: (row) => (row.process ? process(row.process) : undefinedMark),
      title: (row) => (row.process ? process(row.process) : undefined),
      text: (row) => row.process && process(row.process),
    },
  ]
}

function amounts({ page, lang, head }: Context): DealColumn[] {
  const money = { currency: page?.currency ?? null, decimals: page?.decimals ?? 2 }
  const told = { lang, money, rows: page?.rows ?? [] }
  return [
    // What a cell counts is in the list's own currency.
    moneyColumn({ ...told, key: 'cell_minor', head: head('cell_minor'), minorOf: (row) => row.cell_minor }),
    moneyColumn({
      ...told,
      key: 'amount_minor',
      head: head('amount_minor'),
      minorOf: (row) => row.amount_minor,
      moneyOf: (row) => ({ currency: row.currency ?? null, decimals: row.decimals ?? money.decimals }),
    }),
  ]
}

function figures({ head, lang }: Context): DealColumn[] {
  return [
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
  ]
}

function dayColumn(key: (typeof days)[number], { head, lang }: Context): DealColumn {
  return {
    key,
    sort: key,
    numeric: true,
    head: head(key),
    cell: (row) => (row[key] ? date(row[key], lang) : undefinedMark),
    text: (row) => row[key],
  }
}

function plainColumn(key: (typeof plain)[number], { head }: Context): DealColumn {
  return {
    key,
    sort: key,
    head: head(key),
    cell: (row) => row[key] ?? undefinedMark,
    title: (row) => row[key] ?? undefined,
    text: (row) => row[key],
  }
}

/** How many deals of each outcome are among those that are added up; nothing where they are all of one. */
export function outcomesText(sums: DealsPage['sums'], words: Pick<Words, 'lang' | 'outcome'>): string | null {
  const found = Object.entries(sums.by_outcome).filter(([, deals]) => deals > 0)
  if (found.length < 2) return null
  const told = found.map(([outcome, deals]) => `${words.outcome(outcome)} ${count(deals, words.lang)}`)
  return told.join(words.lang === 'zh' ? '、' : ', ')
}

/** An amount with its sign, as the foot of a column says it; its unit is that of the head where it has one. */
export function sumText(value: unknown, page: DealsPage, lang: Lang): string {
  const minor = asNumber(value)
  if (minor === null) return undefinedMark
  return amount(minor, { currency: page.currency ?? null, decimals: page.decimals ?? 2 }, lang)
}
