/** Every number leads to its deals; what frames the numbers (process, filters) holds in the address. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Analyser, Answer, Pivot, Row } from '@/shared/api/types'
import { amountExact, amountScale, capital, count, scaled, share } from '@/shared/format/format'
import { answer, settle } from './house'
import { company, exportDay, regional, type Shipped, shipped } from './shipped'

const pageOfDrawer = 100

let here: Shipped
let page: Page

beforeAll(async () => {
  here = await shipped()
  page = here.page
})

afterAll(async () => {
  await here?.stop()
})

const ask = <T>(path: string) => answer<T>(page, here.house, path)
const settled = (path: string) => settle(page, here.house, path)

const analyser = () => ask<Analyser>(`analyser?process=${company}&by=region&pivot_columns=`)

const block = (title: RegExp) => page.getByRole('region', { name: title }).first()

/** The deals that came out beside the page are as many as the number says, and add up to it. */
async function drawerTells(expected: { deals: unknown; minor?: unknown }): Promise<void> {
  const drawer = page.locator('.ant-drawer').getByRole('dialog')
  const deals = Number(expected.deals)
  const sum = drawer.getByText(new RegExp(`^${count(deals, 'en')} ${deals === 1 ? 'deal' : 'deals'}\\b`))
  await sum.waitFor()
  if (expected.minor !== undefined) {
    const exact = amountExact(Number(expected.minor), { currency: 'CNY', decimals: 2 }, 'en')
    expect(await sum.getAttribute('title')).toBe(exact)
  }
  expect(await drawer.locator('tbody tr').count()).toBe(Math.min(deals, pageOfDrawer))
  await drawer.getByRole('button', { name: 'Close' }).click()
  await drawer.waitFor({ state: 'detached' })
}

/** The largest row of a drawing, whose label is certain to stand beside it. */
function largest(rows: readonly unknown[], key: string): Row {
  return (rows as Row[]).reduce((best, row) => (Number(row[key]) > Number(best[key]) ? row : best))
}

/** A text that a drawing holds. */
const drawn = (title: RegExp, text: string): Locator =>
  block(title).locator('svg text').getByText(text, { exact: true })

function scaledLike(rows: readonly unknown[], key: string, of: unknown): string {
  const scale = amountScale(
    (rows as Row[]).map((row) => row[key]),
    2,
    'en',
  )
  return scaled(Number(of), scale, 'en')
}

/** A chart hears where the pointer is, whatever it draws there while the pointer rests. */
const onChart = { force: true }

describe('a number of the analyser opens its deals', () => {
  it('a dial: what is won, and what is open from its stage on', async () => {
    const { gauges } = await analyser()
    await settled('/')
    for (const [dial, name] of [
      ['4', 'Intent'],
      ['5', 'Commit'],
    ] as const) {
      const row = gauges.rows[0] as Row
      const cell = `gauge;dial=${dial};by.region=${row.region}`
      const { sums } = await ask<{ sums: Row }>(
        `opportunities?process=${company}&cell=${encodeURIComponent(cell)}&limit=1`,
      )
      expect(sums.cell_minor).toBe(Number(row.won_minor) + Number(row[`dial_${dial}_open_minor`]))
      const told = share(Number(row[`dial_${dial}`]), 'en').replace(/\s/, '\\s')
      await block(/^Target coverage/)
        .getByRole('button', { name: new RegExp(`^${row.region} · ${name}.*${told}`) })
        .click()
      await drawerTells({ deals: sums.cell_deals, minor: sums.cell_minor })
    }
  })

  it('a column of the stages', async () => {
    const { stock } = await analyser()
    await settled('/')
    const row = largest(stock.rows, 'amount_minor')
    const label = scaledLike([...stock.rows, stock.totals], 'amount_minor', row.amount_minor)
    await drawn(/^Pipeline by stage/, `${label} · ${share(Number(row.amount_share), 'en')}`).click(onChart)
    await drawerTells({ deals: row.deals, minor: row.amount_minor })
  })

  it('a day of the trend, in its table', async () => {
    const { trend } = await analyser()
    await settled('/')
    const at = trend.rows.findIndex((row) => row === largest(trend.rows, 'amount_minor'))
    const row = trend.rows[at] as Row
    await block(/^Share by stage/)
      .getByRole('button', { name: /: more actions$/ })
      .click()
    await page.getByRole('menuitem', { name: 'View as table' }).click()
    const line = page.getByRole('dialog').locator(`tr[aria-rowindex="${at + 2}"]`)
    await line
      .getByRole('button', { name: count(Number(row.deals), 'en'), exact: true })
      .first()
      .click()
    await drawerTells({ deals: row.deals, minor: row.amount_minor })
    await page.keyboard.press('Escape')
  })

  it('a column of the week’s inflow', async () => {
    const { inflow } = await analyser()
    await settled('/')
    const row = largest(inflow.rows, 'amount_to_minor')
    const label = scaledLike([...inflow.rows, inflow.totals], 'amount_to_minor', row.amount_to_minor)
    await drawn(/^Inflow/, label)
      .first()
      .click()
    await drawerTells({ deals: row.deals, minor: row.amount_to_minor })
  })

  it('a cell of the matrix', async () => {
    const { matrix } = await analyser()
    await settled('/?movement=matrix')
    const moved = (matrix.rows as Row[]).filter((row) => row.from_stage !== row.to_stage && row.to_stage !== 'lost')
    const row = largest(moved, 'amount_to_minor')
    await block(/^Migration/)
      .getByRole('button', { name: new RegExp(`^${row.from_stage_en} → ${row.to_stage_en}:`) })
      .click()
    await drawerTells({ deals: row.deals, minor: row.amount_to_minor })
  })

  it('a line of the bridge', async () => {
    const { bridge } = await analyser()
    await settled('/?movement=bridge')
    const row = (bridge.rows as Row[]).find((one) => one.line === 'lost') as Row
    await drawn(/^Bridge/, capital(String(row.line_en))).click()
    await drawerTells({ deals: row.deals, minor: row.amount_minor })
  })

  it('a cell of the pivot', async () => {
    const pivot = await ask<Pivot>(`pivot?process=${company}&rows=region&columns=&measures=deals,amount_minor`)
    await settled('/pivot')
    const row = pivot.rows[0] as Pivot['rows'][number]
    await page
      .getByRole('row', { name: row.keys[0] as string })
      .getByRole('button', { name: count(Number(row.totals.deals), 'en'), exact: true })
      .click()
    await drawerTells({ deals: row.totals.deals, minor: row.totals.amount_minor })
  })

  it('what is won, the rate and the share of the target in the pivot: deals of its period', async () => {
    const measures = 'deals,won_deals,won_minor,win_rate,target_share'
    const pivot = await ask<Pivot>(`pivot?process=${company}&rows=region&columns=&measures=${measures}`)
    const row = pivot.rows.find((one) => Number(one.totals.won_deals) > 0) as Pivot['rows'][number]
    const region = `;by.region=${row.keys[0]}`
    const behind = (cell: string) =>
      ask<{ sums: Row }>(`opportunities?process=${company}&cell=${encodeURIComponent(cell + region)}&limit=1`)
    const decided = await behind('gauge;part=decided')
    expect(Number(row.totals.won_deals) / Number(decided.sums.cell_deals)).toBeCloseTo(Number(row.totals.win_rate), 9)
    await settled('/pivot')
    const line = page.getByRole('row', { name: row.keys[0] as string })
    await line.getByRole('button', { name: share(Number(row.totals.win_rate), 'en'), exact: true }).click()
    await drawerTells({ deals: decided.sums.cell_deals, minor: decided.sums.cell_minor })
    const attained = share(Number(row.totals.target_share), 'en').replace(/\s/, '\\s')
    await line.getByRole('button', { name: new RegExp(`${attained}$`) }).click()
    await drawerTells({ deals: row.totals.won_deals, minor: row.totals.won_minor })
  })

  it('a weighted amount: its deals, before weighting and after', async () => {
    const funnel = await ask<Answer>(`funnel?process=${company}`)
    const row = largest(funnel.rows, 'weighted_minor')
    await settled('/funnel')
    const weighted = scaledLike(funnel.rows, 'weighted_minor', row.weighted_minor)
    await page
      .getByRole('table', { name: /^Stock/ })
      .getByRole('row', { name: String(row.stage_en) })
      .getByRole('button', { name: weighted, exact: true })
      .click()
    const drawer = page.locator('.ant-drawer').getByRole('dialog')
    const told = drawer.getByText(/before weighting/)
    await told.waitFor()
    const money = { currency: 'CNY', decimals: 2 }
    const exact = [row.amount_minor, row.weighted_minor].map((minor) => amountExact(Number(minor), money, 'en'))
    expect(await told.getAttribute('title')).toBe(exact.join(' → '))
    await drawer.getByRole('button', { name: 'Close' }).click()
    await drawer.waitFor({ state: 'detached' })
  })

  it('a rate of one month, and the week of a migration, in their tables', async () => {
    const since = '2026-01-01'
    const months = await ask<Answer>(`winrate?process=${company}&every=month&from=${since}`)
    const at = months.rows.findIndex((row) => row === largest(months.rows, 'won'))
    const month = months.rows[at] as Row
    const opened = async (title: RegExp, line: number) => {
      await block(title)
        .getByRole('button', { name: /: more actions$/ })
        .click()
      await page.getByRole('menuitem', { name: 'View as table' }).click()
      const table = page.getByRole('dialog').getByRole('table')
      await table.locator('thead').waitFor()
      return { table, line: table.locator(`tr[aria-rowindex="${line}"]`) }
    }
    await settled(`/win-rate?from=${since}`)
    const rates = await opened(/^Over time/, at + 2)
    await rates.line
      .getByRole('button', { name: share(Number(month.win_rate), 'en'), exact: true })
      .first()
      .click()
    await drawerTells({ deals: Number(month.won) + Number(month.lost) })
    await page.keyboard.press('Escape')

    const { series } = await analyser()
    await settled('/')
    const week = series.rows[0] as Row
    const weeks = await opened(/week by week/, 2)
    await weeks.line
      .getByRole('button', { name: count(Number(week.deals), 'en'), exact: true })
      .first()
      .click()
    await drawerTells({ deals: week.deals, minor: week.amount_to_minor })
    await page.keyboard.press('Escape')
  })

  it('sums stand in the foot, as the server made them', async () => {
    const funnel = await ask<Answer>(`funnel?process=${company}`)
    await settled('/funnel')
    const foot = page.getByRole('table', { name: /^Stock/ }).locator('tfoot td')
    const deals = funnel.columns.findIndex((column) => column.key === 'deals')
    expect(await foot.nth(deals).textContent()).toBe(count(Number(funnel.totals?.deals), 'en'))
    expect(await foot.first().textContent()).toBe('Total')
  })

  it('a week of the candles takes one there', async () => {
    await settled(`/?as_of=2026-06-30`)
    await page.getByRole('status').getByText('30 Jun 2026').first().waitFor()
    const candle = block(/week by week/)
      .locator('svg path[stroke-width="1.5"]')
      .nth(3)
    await candle.click(onChart)
    await page.waitForURL((url) => url.searchParams.get('as_of') !== '2026-06-30')
    expect(new URL(page.url()).searchParams.get('as_of')).toMatch(/^2026-0[1-6]-\d\d$/)
  })
})

describe('what frames the numbers', () => {
  it('the process is chosen; an old export is seen as of its last day', async () => {
    await settled('/')
    await page.waitForURL((url) => url.searchParams.get('process') === company)
    const choice = page.getByRole('combobox', { name: 'Sales process' })
    await choice.click()
    await page.getByText(/^Regional sales.*20,000 deals$/).click()
    await page.getByRole('status').getByText('10 Nov 2021').first().waitFor()
    const there = new URL(page.url()).searchParams
    expect([there.get('process'), there.get('as_of')]).toEqual([regional, exportDay])
    await block(/^Pipeline by stage \(\$M\)/).waitFor()
    await choice.click()
    await page.getByText(/^Seven-stage B2B.*deals$/).click()
    await block(/^Pipeline by stage \(¥M\)/).waitFor()
    const back = new URL(page.url()).searchParams
    expect([back.get('process'), back.get('as_of')]).toEqual([company, null])
  })

  it('a filter by a dimension stands in the address: it outlives a reload and goes along to other pages', async () => {
    const region = '华东 East'
    await settled('/win-rate')
    await page.getByRole('button', { name: 'Add filter' }).click()
    const menu = page.getByRole('tooltip')
    await menu.getByRole('button', { name: 'Region', exact: true }).click()
    await menu.getByRole('button', { name: new RegExp(`^${region}`) }).click()
    const only = page.getByRole('table', { name: 'By region' }).locator('tbody tr')
    await expect.poll(() => only.count()).toBe(1)
    expect(new URL(page.url()).searchParams.getAll('f')).toEqual([`region:${region}`])
    await page.reload()
    await page.getByText(`Region = ${region}`).waitFor()
    await expect.poll(() => only.count()).toBe(1)
    await page.getByRole('navigation', { name: 'Main navigation' }).getByText('Deals').click()
    await page.waitForURL((url) => url.pathname === '/deals')
    expect(new URL(page.url()).searchParams.getAll('f')).toEqual([`region:${region}`])
    await page.getByRole('button', { name: `Remove filter Region = ${region}` }).click()
    await page.getByText(`Region = ${region}`).waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.has('f')).toBe(false)
  })
})
