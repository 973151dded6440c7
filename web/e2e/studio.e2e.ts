/** A table as people keep it is cleaned by steps, mapped and imported; next month's file goes the same way by one click. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { answer, findings, freshDir, type House, open, run, serve, signIn } from './house'

const password = 'a-password-of-tests'
const head = 'Deal ID,Deal name,Customer,Region,Stage,Amount,Created on,Expected close,Owner'
const stages = ['Qualify', 'Develop', 'Propose']
const inAMonth = 24

/** A month's file: texts with spaces around, amounts and dates as Germans write them, totals between the rows. */
function month(first: number, ofYear: string): string {
  const total = 'X,Sum,,Total,,"€ 78.006,00",,,'
  const rows = Array.from({ length: inAMonth }, (_, at) => {
    const day = String(1 + at).padStart(2, '0')
    const start = `D-${first + at},"  Deal number ${first + at} ",Anders Works,${at % 2 ? 'East' : 'West'}`
    return `${start},${stages[at % 3]},"€ ${1 + at}.000,50",${day}.${ofYear}.2026,${day}.01.2027,Ada Lovelace`
  })
  return `${[head, ...rows.slice(0, 12), total, ...rows.slice(12), total].join('\n')}\n`
}

let house: House
let context: BrowserContext
let page: Page

beforeEach(async () => {
  const dir = freshDir()
  run(dir, ['init', '--name', 'Example Works', '--zone', 'Europe/Berlin', '--home-currency', 'EUR'])
  run(dir, ['user', 'add', 'boss', '--role', 'operations', '--role', 'manager'], `${password}\n`)
  house = await serve(dir)
  context = await open()
  page = context.pages()[0] ?? (await context.newPage())
  await signIn(page, house, 'boss', password)
})

afterEach(async () => {
  await context?.close()
  await house?.stop()
})

const dealsInSight = async () => (await answer<{ deals: number }>(page, house, 'meta')).deals

async function sent(file: string): Promise<void> {
  await page.getByRole('button', { name: 'Import data' }).click()
  await page.locator('input[type=file]').setInputFiles(file)
  await page.getByText(/\.csv · .* · 26 rows seen/).waitFor()
}

it('a messy table goes in by three steps, and the next one by one click', async () => {
  const files = ['oct.csv', 'nov.csv'].map((name) => join(house.dir, name)) as [string, string]
  writeFileSync(files[0], month(1, '09'))
  // Half of the deals of before, and as many new ones.
  writeFileSync(files[1], month(1 + inAMonth / 2, '10'))
  await page.goto(`${house.address}/imports`)
  await sent(files[0])
  await page.getByRole('button', { name: 'Next' }).click()

  const preview = page.getByRole('region', { name: 'Preview' })
  const atHead = async (column: string, what: string) => {
    await preview.getByRole('button', { name: `Do something to ${column}`, exact: true }).click()
    await page.getByRole('menuitem', { name: what, exact: true }).click()
  }
  // Totals out: by a condition that begins with its column.
  await atHead('Region', 'Take rows with some values out')
  const value = page.getByRole('combobox', { name: 'Value: 1' })
  await value.fill('Total')
  await value.press('Enter')
  await preview.getByText('26 rows → 24 rows').waitFor()
  await page.getByRole('button', { name: "Step 1: Keep rows where Region ≠ 'Total'", exact: true }).waitFor()
  await page.getByRole('button', { name: 'Done' }).click()

  // Texts to numbers, with the comma that they are written with; the old value stands beside the new one.
  await atHead('Amount', 'Read as numbers')
  const amount = preview.getByTitle('was € 1.000,50')
  await amount.waitFor()
  expect(await amount.textContent()).toMatch(/1000\.5$/)

  // Texts to dates, by the writing that was seen, for a second column too.
  await atHead('Created on', 'Read as dates')
  await page.getByRole('button', { name: 'Another row' }).click()
  const column = page.getByRole('combobox', { name: 'Column: 2' })
  await column.fill('Expected close')
  await column.press('Enter')
  const type = page.getByRole('combobox', { name: 'Read as: 2' })
  await type.fill('date')
  await type.press('Enter')
  await preview.getByTitle('was 01.01.2027').waitFor()
  await page.getByRole('button', { name: 'Step 3: Read Created on, Expected close as date', exact: true }).waitFor()
  expect(await findings(page)).toEqual([])

  // Loaded anew, the page is where it was; an order that breaks a step is refused.
  await page.reload()
  await preview.getByTitle('was 01.01.2027').waitFor()
  await page.getByRole('button', { name: "Step 1: Keep rows where Region ≠ 'Total'", exact: true }).click()
  await atHead('Region', 'Drop')
  await preview.getByText('Region', { exact: true }).and(preview.locator('del')).waitFor()
  await page.getByRole('button', { name: /^Move up · Step 2/ }).click()
  await page.getByRole('alert').filter({ hasText: 'The order stays: step 2 would fail there.' }).waitFor()
  await page.getByRole('button', { name: /^Remove · Step 2/ }).click()

  await page.getByRole('button', { name: 'Next' }).click()
  await page
    .getByRole('row', { name: /^Amount/ })
    .locator('.ant-select-content')
    .getByText(/^Amount/)
    .waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText(`${inAMonth} deals would come in`).waitFor()
  await page.getByText('Nothing is wrong.').waitFor()
  expect(await dealsInSight()).toBe(0)
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByRole('status').filter({ hasText: 'Imported' }).waitFor()
  expect(await dealsInSight()).toBe(inAMonth)
  await page.getByRole('button', { name: 'Close' }).click()

  // A month later.
  await sent(files[1])
  await page.getByRole('heading', { name: 'These files look like import 1' }).waitFor()
  await page.getByRole('button', { name: 'Import now' }).click()
  await page.getByRole('status').filter({ hasText: 'Imported' }).waitFor()
  expect(await dealsInSight()).toBe(inAMonth * 1.5)
  const list = JSON.parse(house.run(['import', 'list', '--json'])) as { rows: unknown[] }
  expect(list.rows).toHaveLength(2)
})
