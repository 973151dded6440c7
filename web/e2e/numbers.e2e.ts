/**
 * Every number of the pages is the command line's. Each page is opened on the shipped data; what the server answered to
 * it is held to what `loudou COMMAND --json` says of the same data directory for the same terms, value by value, and
 * what the tables paint is held to the same values as people write them.
 */
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { headOf, scalesOf, shown } from '@/shared/answer/cells'
import type { Analyser, Answer, Pivot, Row } from '@/shared/api/types'
import type { House } from './house'
import { company, exportDay, regional, type Shipped, shipped } from './shipped'

type Told = { terms: Row; rows: Row[] }

let here: Shipped
let house: House
let page: Page

beforeAll(async () => {
  here = await shipped()
  house = here.house
  page = here.page
})

afterAll(async () => {
  await here?.stop()
})

/** What is looked at: in the address, and on the command line. */
type View = {
  name: string
  address: Record<string, string>
  options: string[]
  /** What nothing is told of: an export without a history knows no stays. */
  empty?: string
}

const views: View[] = [
  { name: 'the demo company today', address: { process: company }, options: ['--process', company] },
  {
    name: 'the demo company on a past day',
    address: { process: company, as_of: '2026-06-30' },
    options: ['--process', company, '--as-of', '2026-06-30'],
  },
  {
    name: 'one region of the demo company',
    address: { process: company, f: 'region:华东 East' },
    options: ['--process', company, '--where', "region = '华东 East'"],
  },
  {
    name: 'the real export on its day',
    address: { process: regional, as_of: exportDay },
    options: ['--process', regional, '--as-of', exportDay],
    empty: 'dwell',
  },
]

/** The same question on the command line. */
function told(command: string, view: View, more: Record<string, string | undefined> = {}): Told {
  const flags = Object.entries(more).flatMap(([key, value]) => {
    if (value === undefined || value === '') return []
    const flag = `--${key.replaceAll('_', '-')}`
    return value === 'true' ? [flag] : [flag, value]
  })
  return JSON.parse(house.run([command, '--json', ...view.options, ...flags])) as Told
}

/** Holds an answer of the server to the command line's: every value of every row, and every term. */
function same(answer: Answer, asked: Told): void {
  const rows = (answer.rows as Row[]).map((row, at) =>
    Object.fromEntries(Object.keys(asked.rows[at] ?? {}).map((key) => [key, row[key]])),
  )
  expect(rows).toEqual(asked.rows)
  // A filter of the frame is a list, that of the command line a condition; what they leave is seen in the rows.
  const terms = ({ where: _where, only: _only, ...others }: Row) => others
  expect(terms(answer.terms as Row)).toEqual(terms(asked.terms))
}

/** Holds the cells of a table to the command line's values as they are written, and its heads to their units. */
async function painted(table: Locator, answer: Answer, asked: Told): Promise<void> {
  const truth = { ...answer, rows: asked.rows.map((row, at) => ({ ...(answer.rows[at] as Row), ...row })) } as Answer
  const scales = scalesOf(truth, 'en')
  const heads = truth.columns.map((column) => headOf(column, scales.get(column.key), truth.currency, 'en'))
  expect((await table.locator('thead th').allInnerTexts()).map(plain)).toEqual(heads.map(plain))
  const lines = await table.locator('tbody tr[aria-rowindex]').evaluateAll((rows) =>
    rows.map((row) => ({
      at: Number(row.getAttribute('aria-rowindex')) - 2,
      cells: [...row.children].map((cell) => cell.textContent ?? ''),
    })),
  )
  expect(lines.length).toBeGreaterThan(0)
  for (const { at, cells } of lines) {
    const row = truth.rows[at] as Row
    const expected = truth.columns.map(
      (column) => shown(row, column, scales.get(column.key), { ...truth, lang: 'en' }).text,
    )
    expect(cells.map(plain)).toEqual(expected.map(plain))
  }
}

function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/ [↑↓]$/, '')
    .trim()
}

type Question = (query: URLSearchParams, of: string) => boolean
type Heard = { data: unknown; options: Record<string, string | undefined> }

/** Opens a page and hands back what the server answers to its questions: one answer a question, in their order. */
async function visit<Q extends Question[]>(path: string, view: View, ...questions: Q) {
  const coming = questions.map((isAsked) =>
    page.waitForResponse((response) => {
      const { pathname, searchParams } = new URL(response.url())
      return pathname.startsWith('/api/v1/') && isAsked(searchParams, pathname.slice('/api/v1/'.length))
    }),
  )
  await page.goto(`${house.address}${path}?${new URLSearchParams(view.address)}`)
  const responses = await Promise.all(coming)
  const heard = responses.map(async (response) => ({
    data: (await response.json()) as unknown,
    options: optionsOf(response.url()),
  }))
  return (await Promise.all(heard)) as { [K in keyof Q]: Heard }
}

/** The table behind a block's menu, by the block's title. */
async function twin(title: RegExp): Promise<Locator> {
  const block = page.getByRole('region', { name: title }).first()
  await block.getByRole('button', { name: /: more actions$/ }).click()
  await page.getByRole('menuitem', { name: 'View as table' }).click()
  return page.getByRole('dialog').getByRole('table')
}

const asked = ['from', 'to', 'by', 'every', 'points', 'weeks', 'into', 'horizon', 'by_created'] as const

function optionsOf(address: string): Record<string, string | undefined> {
  const query = new URL(address).searchParams
  return Object.fromEntries(asked.map((key) => [key, query.get(key) ?? undefined]))
}

/** Holds a block to the command line: the answer it was given, and the table that it paints. */
async function block(
  title: RegExp,
  answer: Answer,
  view: View,
  command: string,
  options: Record<string, string | undefined>,
) {
  const truth = told(command, view, options)
  same(answer, truth)
  expect(truth.rows.length > 0, `${command} answers with rows`).toBe(view.empty !== command)
  if (truth.rows.length === 0) return
  await painted(await twin(title), answer, truth)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

describe.each(views)('$name', (view) => {
  it('the analyser: each of its blocks', async () => {
    const [heard] = await visit('/', view, (_, of) => of === 'analyser')
    const data = heard.data as Analyser
    const { from, to } = data.week
    const period = { from, to }
    await block(/^Pipeline by stage/, data.stock, view, 'funnel', {})
    await block(/^Target coverage/, data.gauges, view, 'gauges', { by: 'region' })
    await block(/^Share by stage/, data.trend, view, 'trend', { every: 'week', points: '26' })
    await block(/^Inflow/, data.inflow, view, 'migration', { ...period, into: data.stage ?? undefined })
    await block(/week by week/, data.series, view, 'migration', { weeks: '26' })
    await page.getByText('Matrix', { exact: true }).click()
    await block(/^Migration/, data.matrix, view, 'migration', period)
    await page.getByText('Bridge', { exact: true }).click()
    await block(/^Bridge/, data.bridge, view, 'bridge', period)
  })

  it('the funnel page: conversion and stock', async () => {
    const [cohort, stock] = await visit(
      '/funnel',
      view,
      (_, of) => of === 'conversion',
      (_, of) => of === 'funnel',
    )
    await block(/^Conversion/, cohort.data as Answer, view, 'conversion', cohort.options)
    await block(/^Stock/, stock.data as Answer, view, 'funnel', stock.options)
  })

  it('the win rates: the whole, over time, by dimension', async () => {
    const [whole, overTime, byDimension] = await visit(
      '/win-rate',
      view,
      (query, of) => of === 'winrate' && !query.has('by') && !query.has('every'),
      (query, of) => of === 'winrate' && query.has('every'),
      (query, of) => of === 'winrate' && query.has('by'),
    )
    await block(/^Win rate/, whole.data as Answer, view, 'winrate', whole.options)
    await block(/^Over time/, overTime.data as Answer, view, 'winrate', overTime.options)
    await block(/^By /, byDimension.data as Answer, view, 'winrate', byDimension.options)
  })

  it('the time in stage: the whole and by dimension', async () => {
    const [whole, byDimension] = await visit(
      '/dwell',
      view,
      (query, of) => of === 'dwell' && !query.has('by'),
      (query, of) => of === 'dwell' && query.has('by'),
    )
    await block(/^Time in stage/, whole.data as Answer, view, 'dwell', whole.options)
    await block(/^By /, byDimension.data as Answer, view, 'dwell', byDimension.options)
  })

  it('the pivot: its cells are the funnel’s and the win rate’s by the same dimension', async () => {
    const [heard] = await visit('/pivot', view, (_, of) => of === 'pivot')
    const pivot = heard.data as Pivot
    const funnel = told('funnel', view, { by: 'region' })
    const won = told('winrate', view, { by: 'region', from: String(pivot.terms.from) })
    expect(pivot.rows.length).toBeGreaterThan(0)
    for (const { keys, totals } of pivot.rows) {
      const [region] = keys
      const own = funnel.rows.filter((row) => row.region === region)
      const sum = (key: string) => own.reduce((total, row) => total + Number(row[key] ?? 0), 0)
      const stock = { deals: sum('deals'), amount_minor: sum('amount_minor'), weighted_minor: sum('weighted_minor') }
      expect({ region, ...(totals as Row) }).toMatchObject({ region, ...stock })
      const decided = won.rows.find((row) => row.region === region)
      const rate = decided && { won_minor: decided.won_amount_minor, win_rate: decided.win_rate }
      if (rate) expect({ region, ...(totals as Row) }).toMatchObject({ region, ...rate })
    }
    await pivotPainted(pivot)
  })
})

async function pivotPainted(pivot: Pivot): Promise<void> {
  const table = page.getByRole('table')
  await table.getByRole('rowheader', { name: pivot.rows[0]?.keys[0] ?? '' }).waitFor()
  const cells = await table
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? '')))
  const rows = pivot.rows.map((row) => row.totals as Row)
  const scales = scalesOf(
    { columns: pivot.measures, rows, decimals: pivot.decimals, totals: pivot.totals.totals } as never,
    'en',
  )
  const context = { currency: pivot.currency, decimals: pivot.decimals, lang: 'en' as const }
  const expected = pivot.rows.map((row) => [
    row.keys[0] || 'Not recorded',
    ...pivot.measures.map((measure) => shown(row.totals as Row, measure, scales.get(measure.key), context).text),
  ])
  // The signs of attainment stand before its number.
  const bare = (text: string) => plain(text).replace(/^[⚑▼●▲ ]+/, '')
  expect(cells.map((row) => row.map(bare))).toEqual(expected.map((row) => row.map(bare)))
}
