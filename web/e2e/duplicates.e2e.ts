/** Customers that came twice: everything is merged after it was told and confirmed, and taken back as one batch. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { answer, findings, freshDir, type House, open, run, serve, settle, signIn } from './house'

const password = 'a-password-of-tests'

const profile = `
name = "twice"
title.zh = "重复"
title.en = "Twice"
description.zh = "客户与商机。"
description.en = "Customers and deals."
currency = "CNY"
zone = "Asia/Shanghai"
exported_on = "2026-03-01"
known = "import"
process = "b2b-seven"
[tables.accounts]
files = ["accounts.csv"]
[tables.sales]
files = ["sales.csv"]
[[records]]
kind = "account"
table = "accounts"
key = "id"
fields.name = "name"
fields.phone = "phone"
[deals]
table = "sales"
key = "id"
created = "created"
start = "lead"
[deals.fields]
name = "name"
account = "account"
`

let house: House
let context: BrowserContext
let page: Page

beforeAll(async () => {
  const dir = freshDir()
  const files = join(dir, 'files')
  mkdirSync(files, { recursive: true })
  const customers = Array.from({ length: 12 }, (_, at) => [
    `A${at},华东${at}号机电有限公司,1380013${String(8000 + at)}`,
    `B${at},华东${at}号机电,1380013${String(8000 + at)}`,
  ])
  writeFileSync(join(files, 'accounts.csv'), ['id,name,phone', ...customers.flat(), 'C1,西部物流集团,', ''].join('\n'))
  writeFileSync(join(files, 'sales.csv'), 'id,name,account,created\nD1,Line,A1,2026-01-05\n')
  writeFileSync(join(files, 'twice.toml'), profile)
  run(dir, ['import', 'run', join(files, 'twice.toml'), files])
  run(dir, ['user', 'add', 'keeper', '--role', 'operations'], `${password}\n`)
  house = await serve(dir)
  context = await open()
  page = context.pages()[0] ?? (await context.newPage())
  await signIn(page, house, 'keeper', password)
})

afterAll(async () => {
  await context?.close()
  await house?.stop()
})

const customers = async () =>
  (await answer<{ sums: { customers: number } }>(page, house, 'customers?limit=1')).sums.customers

it('merges everything that it told, and brings all of it back at once', async () => {
  await settle(page, house, '/data/duplicates')
  expect(await customers()).toBe(25)
  await page.getByRole('button', { name: 'Merge all…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('12 records go, 13 stay').waitFor()
  expect(await findings(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Merge 12 records' }).click()
  await page.getByText('12 records merged').waitFor()
  await page.getByText('no duplicates').waitFor()
  expect(await customers()).toBe(13)

  await page.getByText('Merges', { exact: true }).click()
  const batches = page.getByRole('region', { name: 'Merged at once' })
  await batches.getByRole('button', { name: 'Undo all' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Undo all' }).click()
  await batches.getByText('12 records are there again.').waitFor()
  expect(await findings(page)).toEqual([])
  expect(await customers()).toBe(25)
})

it('finds a customer by the search and its deal behind it', async () => {
  await settle(page, house, '/')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search' }).fill('西部')
  await page.getByRole('option', { name: '西部物流集团' }).click()
  await page.getByRole('heading', { name: '西部物流集团' }).waitFor()
  await page.getByRole('region', { name: 'Quality' }).getByText('Customer without an industry').waitFor()
  expect(await findings(page)).toEqual([])
})
