/** Files come in through the browser, from an empty database to the list of deals, and go out again without a trace. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { freshDir, type House, open, run, serve, signIn } from './house'

const password = 'a-password-of-tests'

const head = 'Deal ID,Deal name,Customer,Stage,Amount,Created on,Expected close,Owner'
const stages = ['Qualify', 'Develop', 'Propose']
/** Rows that go in as they are; enough of them that two odd ones do not hide what a column holds. */
const good = Array.from({ length: 24 }, (_, at) => {
  const day = String(1 + at).padStart(2, '0')
  return `D-${at + 1},Deal number ${at + 1},Anders Works,${stages[at % 3]},${1000 * (at + 1)}.50,2026-09-${day},2027-01-${day},Ada Lovelace`
})
const bad = [
  'X-1,Spare parts,Cole & Sons,Qualify,twelve,2026-10-05,2027-02-10,Grace Hopper',
  'X-2,Retrofit,Cole & Sons,Propose,52000,2026-10-09,2026-13-45,Ada Lovelace',
]

let house: House
let context: BrowserContext
let page: Page

beforeEach(async () => {
  const dir = freshDir()
  run(dir, ['init', '--name', 'Example Works', '--zone', 'Europe/Berlin', '--home-currency', 'EUR'])
  run(dir, ['user', 'add', 'boss', '--role', 'operations', '--role', 'manager'], `${password}\n`)
  house = await serve(dir)
  context = await open({ acceptDownloads: true })
  page = context.pages()[0] ?? (await context.newPage())
  await signIn(page, house, 'boss', password)
})

afterEach(async () => {
  await context?.close()
  await house?.stop()
})

async function dealsInSight(): Promise<number> {
  const answer = await page.request.get(`${house.address}/api/v1/meta`)
  return ((await answer.json()) as { deals: number }).deals
}

it('a table is mapped, checked, imported, and undone', async () => {
  const file = join(house.dir, 'deals.csv')
  writeFileSync(file, `${[head, ...good, ...bad].join('\n')}\n`)

  // An empty database leads to the import.
  await page.getByRole('heading', { name: 'No deals yet' }).waitFor()
  await page.getByRole('main').getByRole('link', { name: 'Import data' }).click()
  await page.getByRole('button', { name: 'Import data' }).click()

  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByText(/deals\.csv · .* · 26 rows seen/).waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  // Nothing is to be cleaned.
  await page.getByText(/^Put the table in order first/).waitFor()
  await page.getByRole('button', { name: 'Next' }).click()

  // What the columns hold is suggested, and confirmed.
  const columns = page.getByRole('table')
  const target = (name: string) => columns.getByRole('row', { name: new RegExp(`^${name}`) })
  for (const [name, field] of [
    ['Deal ID', /^(Id|Key|External id)/i],
    ['Amount', /Amount/],
    ['Stage', /Stage/],
    ['Owner', /Owner/],
  ] as const) {
    await target(name).locator('.ant-select-content').getByText(field).waitFor()
  }
  // One odd date makes its column a text; who knows better says so.
  const field = page.getByRole('combobox', { name: 'Goes to: Expected close' })
  await field.fill('expected close')
  await field.press('Enter')
  const chosen = target('Expected close')
    .locator('.ant-select-content')
    .getByText(/^Expected close/)
  await chosen.waitFor()
  // Loaded anew, the page is where it was, and knows what was said.
  await page.reload()
  await chosen.waitFor()
  await page.getByRole('button', { name: 'Next' }).click()

  // The dry run names each bad row, and writes nothing.
  const issues = page.getByRole('region', { name: 'Issues' })
  await issues.getByRole('cell', { name: 'twelve', exact: true }).waitFor()
  await issues.getByRole('cell', { name: '2026-13-45', exact: true }).waitFor()
  expect(await issues.locator('tbody tr').count()).toBe(bad.length)
  await page.getByText('▼ 2 rows rejected').waitFor()
  const begin = page.getByRole('button', { name: 'Import', exact: true })
  expect(await begin.isDisabled()).toBe(true)
  expect(await dealsInSight()).toBe(0)
  expect(JSON.parse(house.run(['import', 'list', '--json']))).toMatchObject({ rows: [] })

  // Skipping them is said, not assumed.
  await page.getByRole('checkbox', { name: /^Leave the wrong rows out/ }).check()
  await begin.click()
  const result = page.getByRole('status').filter({ hasText: 'Imported' })
  await result.waitFor()
  const coming = page.waitForEvent('download')
  await issues.getByRole('link', { name: 'Download the rejected rows' }).click()
  const rejects = readFileSync(await (await coming).path(), 'utf8')
  // As a spreadsheet numbers them: below the heading and the good ones.
  expect(
    rejects
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 4)),
  ).toEqual([
    ['deals.csv', String(good.length + 2), 'Amount', 'twelve'],
    ['deals.csv', String(good.length + 3), 'Expected close', '2026-13-45'],
  ])
  expect(await dealsInSight()).toBe(good.length)

  // The import has a page of its own, and the profile can be taken from there.
  await result.getByRole('link', { name: 'The page of this import' }).click()
  await page.getByRole('heading', { name: 'Import 1' }).waitFor()
  expect(new URL(page.url()).searchParams.get('import')).toBe('1')
  expect(await page.getByText('The past can be read, not changed.').count()).toBe(0)
  const profile = page.waitForEvent('download')
  await page.getByRole('link', { name: /^Download the profile/ }).click()
  const taken = await profile
  expect(taken.suggestedFilename()).toBe('import-1.toml')
  expect(readFileSync(await taken.path(), 'utf8')).toContain('Expected close')

  await page.getByRole('navigation', { name: 'Main navigation' }).getByText('Deals').click()
  await page.getByText(`Total · ${good.length} deals`).waitFor()
  await page.getByRole('link', { name: `Deal number ${good.length}`, exact: true }).waitFor()

  // And back.
  await page.getByRole('navigation', { name: 'Main navigation' }).getByText('Data').click()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click()
  await page.getByText(/^Undone: /).waitFor()
  await page.getByRole('cell', { name: 'undone' }).waitFor()
  await expect.poll(dealsInSight).toBe(0)
  await page.getByRole('navigation', { name: 'Main navigation' }).getByText('Analyser').click()
  await page.getByRole('heading', { name: 'No deals yet' }).waitFor()
})

it('the demo company is loaded from the empty page, and opens the analyser', async () => {
  await page.goto(`${house.address}/imports`)
  await page.getByRole('button', { name: 'Load the demo company' }).click()
  await page.waitForURL((url) => url.pathname === '/')
  await page.getByRole('region', { name: /^Pipeline by stage/ }).waitFor()
  expect(await dealsInSight()).toBeGreaterThan(1000)
})
