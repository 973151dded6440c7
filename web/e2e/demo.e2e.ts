/** The demo company in the browser: lists, drill-down, edits, the time machine, phone width, a second team. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays, date } from '@/shared/format/dates'
import { answer, findings, freshDir, type House, open, run, serve, signIn, settle } from './house'

const password = 'a-password-of-tests'
const images = join(import.meta.dirname, '../../docs/images')

let house: House
let context: BrowserContext
let page: Page

const ask = <T>(path: string) => answer<T>(page, house, path)
const settled = (path: string) => settle(page, house, path)

type Deals = {
  rows: { id: number; name: string; owner: { name: string } | null; team: { id: number; name: string } | null }[]
  sums: { deals: number; amount_minor: number; cell_minor?: number; cell_deals?: number }
}

beforeAll(async () => {
  const dir = freshDir()
  run(dir, ['demo'])
  run(
    dir,
    ['user', 'add', 'boss', '--role', 'operations', '--role', 'manager', '--role', 'administrator'],
    `${password}\n`,
  )
  house = await serve(dir)
  context = await open()
  page = context.pages()[0] ?? (await context.newPage())
  await signIn(page, house, 'boss', password)
})

afterAll(async () => {
  await context?.close()
  await house?.stop()
})

describe('the analyser', () => {
  it('speaks both languages, switched at once', async () => {
    await settled('/')
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('navigation', { name: '主导航' }).getByText('分析仪').waitFor()
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('navigation', { name: 'Main navigation' }).getByText('Analyser').waitFor()
  })

  it('opens the deals behind each layer: what they add is the number', async () => {
    const meta = await ask<{ processes: { key: string }[] }>('meta')
    const process = meta.processes[0]?.key
    type Answer = { rows: Record<string, unknown>[]; terms: { from?: string; to?: string } }
    const stock = await ask<Answer>(`funnel?process=${process}`)
    for (const row of stock.rows.filter((one) => typeof one.stage === 'string' && Number(one.deals) > 0)) {
      const cell = encodeURIComponent(`stock;stage=${row.stage}`)
      const deals = await ask<Deals>(`opportunities?process=${process}&cell=${cell}&limit=1`)
      expect([row.stage, deals.sums.cell_minor]).toEqual([row.stage, row.amount_minor])
    }
  })

  it('goes back in time: the frame says so, and edits are off', async () => {
    await settled('/deals?as_of=2026-06-30')
    await page.getByRole('status').getByText('30 Jun 2026').first().waitFor()
    expect(await page.getByRole('button', { name: 'New deal' }).count()).toBe(0)
  })

  it('a week back, a week forward, and the weeks played up to today', async () => {
    const { today } = await ask<{ today: string }>('meta')
    const weeksAgo = (weeks: number) => addDays(today, -7 * weeks)
    const asOf = () => new URL(page.url()).searchParams.get('as_of')
    const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
    await settled('/')
    expect(await page.getByRole('button', { name: 'A week later' }).isDisabled()).toBe(true)
    for (const weeks of [1, 2, 3]) {
      await press('A week earlier')
      await page.waitForURL((url) => url.searchParams.get('as_of') === weeksAgo(weeks))
      await page
        .getByRole('status')
        .getByText(date(weeksAgo(weeks), 'en'))
        .first()
        .waitFor()
    }
    await press('A week later')
    await page.waitForURL((url) => url.searchParams.get('as_of') === weeksAgo(2))
    await press('Play week by week')
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
    await page.waitForURL((url) => url.searchParams.get('as_of') === weeksAgo(1))
    await page.waitForURL((url) => !url.searchParams.has('as_of'))
    await page.getByRole('button', { name: 'Play week by week' }).waitFor()
    expect(asOf()).toBeNull()

    // From today it begins half a year back, and stands still where it is told to.
    await press('Play week by week')
    await page.waitForURL((url) => (url.searchParams.get('as_of') ?? '') > weeksAgo(26))
    await press('Pause')
    await page.getByRole('button', { name: 'Play week by week' }).waitFor()
    const stopped = asOf()
    expect(stopped).not.toBeNull()
    await page.waitForLoadState('networkidle')
    expect(asOf()).toBe(stopped)
  })

  it('a choice made on another page, or written by hand, leaves it standing', async () => {
    await settled('/win-rate?by=account')
    await page.getByRole('table', { name: 'By account' }).waitFor()
    await page.getByRole('navigation', { name: 'Main navigation' }).getByText('Analyser').click()
    await page.getByRole('region', { name: /^Target coverage/ }).waitFor()
    expect(new URL(page.url()).searchParams.has('by')).toBe(false)
    for (const choices of [
      'by=account',
      'by=colour',
      'pivot_rows=team&pivot_columns=team',
      'pivot_rows=colour',
      'stage=nowhere',
    ]) {
      await settled(`/?${choices}`)
      await page.getByRole('region', { name: /^Target coverage/ }).waitFor()
      await page.getByRole('table', { name: 'Detail' }).waitFor()
    }
  })
})

describe('deals', () => {
  it('are ordered and summed by the server, and say what they leave out', async () => {
    await settled('/deals')
    const list = await ask<Deals>('opportunities?process=b2b-seven&open=true&sort=name&limit=1')
    await page.getByRole('button', { name: 'Deal', exact: true }).click()
    await page
      .getByRole('link', { name: list.rows[0]?.name as string })
      .first()
      .waitFor()
    expect(await page.getByRole('table', { name: 'Deals' }).getAttribute('aria-rowcount')).toBe(
      String(list.sums.deals + 1),
    )
    await page.getByText(/in nurture or closed left out/).waitFor()
    await page.getByRole('switch').click()
    await page.getByText(/in nurture or closed left out/).waitFor({ state: 'detached' })
  })

  it('show a clicked number as a chip that can be taken away', async () => {
    await settled(`/deals?process=b2b-seven&cell=${encodeURIComponent('stock;stage=needs')}`)
    await page.getByText('The number you opened:').waitFor()
    await page.getByRole('button', { name: 'Show the whole list' }).click()
    await page.getByText('The number you opened:').waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.has('cell')).toBe(false)
  })

  it('are changed in place; where two change the same, both are shown and one is chosen', async () => {
    const list = await ask<Deals>('opportunities?process=b2b-seven&open=true&sort=amount_minor&limit=1')
    const id = list.rows[0]?.id
    await settled(`/deals/${id}`)
    await page.getByRole('button', { name: /^Edit Name:/ }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Mine')
    // Somebody else is quicker, by the same session's rights in another window.
    const other = await context.newPage()
    await other.goto(`${house.address}/deals/${id}`)
    await other.getByRole('button', { name: /^Edit Name:/ }).click()
    await other.getByRole('textbox', { name: 'Name' }).fill('Somebody else’s')
    await other.keyboard.press('Enter')
    await other.getByRole('heading', { name: 'Somebody else’s' }).waitFor()
    await other.close()
    await page.getByRole('textbox', { name: 'Name' }).press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio').first().waitFor()
    await dialog.getByRole('radio').first().check()
    await dialog.getByRole('button', { name: 'Save my choice' }).click()
    await page.getByRole('heading', { name: 'Mine' }).waitFor()
  })

  it('ask before unsaved edits are left', async () => {
    const list = await ask<Deals>('opportunities?process=b2b-seven&open=true&sort=amount_minor&limit=1')
    await settled(`/deals/${list.rows[0]?.id}`)
    await page.getByRole('button', { name: /^Edit Name:/ }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Half done')
    await page.getByRole('navigation', { name: 'Main navigation' }).getByText('Customers').click()
    await page.getByRole('button', { name: 'Stay here' }).click()
    await page.getByText('1 unsaved change').waitFor()
    await page.getByRole('button', { name: 'Discard changes' }).click()
  })
})

describe('a second team', () => {
  it('does not see the first team’s deals, neither in lists nor by their address', async () => {
    const all = await ask<Deals>('opportunities?process=b2b-seven&limit=500')
    const teams = [...new Map(all.rows.flatMap((row) => (row.team ? [[row.team.id, row.team]] : []))).values()]
    const [own, foreign] = teams as [{ id: number; name: string }, { id: number; name: string }]
    house.run(['user', 'add', 'second', '--role', 'manager', '--team', own.name], `${password}\n`)
    const theirs = await open()
    const second = theirs.pages()[0] ?? (await theirs.newPage())
    await signIn(second, house, 'second', password, '/deals')
    const answer = await second.request.get(`${house.address}/api/v1/opportunities?process=b2b-seven&limit=1000`)
    const seen = (await answer.json()) as Deals
    expect(seen.sums.deals).toBeGreaterThan(0)
    expect(seen.sums.deals).toBeLessThan(all.sums.deals)
    const hidden = all.rows.find((row) => row.team?.id === foreign.id)
    await second.goto(`${house.address}/deals/${hidden?.id}`)
    await second.getByRole('alert').waitFor()
    expect(await second.getByText(hidden?.name as string).count()).toBe(0)
    await theirs.close()
  })
})

describe('pages', () => {
  const analyses = ['/', '/funnel', '/win-rate', '/dwell', '/pivot?pivot_columns=team']
  const paths = [
    ...analyses,
    '/deals',
    '/deals/first',
    '/customers',
    '/targets',
    '/imports',
    '/imports?import=1',
    '/settings',
    '/settings?tab=users',
  ]

  /** The path of a page; of a deal's, with the id of one. */
  async function pathOf(path: string): Promise<string> {
    if (path !== '/deals/first') return path
    const list = await ask<Deals>('opportunities?process=b2b-seven&open=true&sort=name&limit=1')
    return `/deals/${list.rows[0]?.id}`
  }

  async function dressed(lang: string, theme: string): Promise<void> {
    await page.evaluate(
      (chosen) => {
        localStorage.setItem('loudou.lang', chosen.lang)
        localStorage.setItem('loudou.theme', chosen.theme)
      },
      { lang, theme },
    )
  }

  it.each([
    ['zh', 'light'],
    ['zh', 'dark'],
    ['en', 'dark'],
  ])('the analyser keeps nobody out in %s and %s, wide or narrow', async (lang, theme) => {
    await settled('/')
    await dressed(lang, theme)
    await settled('/')
    const found = await findings(page)
    await page.setViewportSize({ width: 390, height: 844 })
    await settled('/')
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    await page.setViewportSize({ width: 1440, height: 900 })
    await dressed('en', 'light')
    expect([found, wider]).toEqual([[], 0])
  })

  it.each(paths)('%s has nothing that keeps people out', async (path) => {
    await settled(await pathOf(path))
    expect(await findings(page)).toEqual([])
  })

  it.each(paths)('%s fits a phone', async (path) => {
    const at = await pathOf(path)
    await page.setViewportSize({ width: 390, height: 844 })
    await settled(at)
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    await page.setViewportSize({ width: 1440, height: 900 })
    expect(wider).toBe(0)
  })

  it('are shown in the README in both languages and themes', async () => {
    mkdirSync(images, { recursive: true })
    for (const [lang, theme] of [
      ['zh', 'light'],
      ['en', 'light'],
      ['en', 'dark'],
    ] as const) {
      await page.evaluate(
        (chosen) => {
          localStorage.setItem('loudou.lang', chosen.lang)
          localStorage.setItem('loudou.theme', chosen.theme)
        },
        { lang, theme },
      )
      for (const [name, path] of [
        ['analyser', '/'],
        ['deals', '/deals'],
        ['targets', '/targets'],
      ] as const) {
        await settled(path)
        await page.screenshot({ path: join(images, `${name}-${lang}-${theme}.png`) })
      }
    }
    await page.setViewportSize({ width: 390, height: 844 })
    await settled('/')
    await page.screenshot({ path: join(images, 'analyser-en-phone.png') })
    await page.setViewportSize({ width: 1440, height: 900 })
  })
})
