/** An upload without deals: customers, contracts and payments of a Chinese office go in at once, and the next month by one click. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { answer, findings, freshDir, type House, open, run, serve, signIn } from './house'

const password = 'a-password-of-tests'
const files = {
  '客户.csv': '客户编号,客户名称,所属行业,客户等级\nK1,华东机电,机械,A\nK2,华南精工,汽车,B\nK3,西部物流,物流,B\n',
  '合同.csv': '合同编号,客户名称,合同金额(万元),签订日期\nHT1,华东机电,120.5,2026-10-05\nHT2,华南精工,80,2026-10-09\n',
  '回款.csv': '回款编号,合同编号,回款金额,回款日期,收款方式\nR1,HT1,300000,2026-10-20,电汇\n',
}
const later =
  '回款编号,合同编号,回款金额,回款日期,收款方式\nR1,HT1,300000,2026-10-20,电汇\nR2,HT2,80000,2026-11-05,电汇\n'

let house: House
let context: BrowserContext
let page: Page

beforeEach(async () => {
  const dir = freshDir()
  run(dir, ['init', '--name', 'Example Works', '--zone', 'Asia/Shanghai', '--home-currency', 'CNY'])
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

const paying = async () =>
  (await answer<{ customers: number }>(page, house, 'customer-funnel/customers?step=paying')).customers

it('customers, contracts and payments go in without deals, and those of the next month by one click', async () => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(house.dir, name), text)
  // The next month has the same files, called otherwise, with one payment more.
  const next = { '11月客户.csv': files['客户.csv'], '11月合同.csv': files['合同.csv'], '11月回款.csv': later }
  for (const [name, text] of Object.entries(next)) writeFileSync(join(house.dir, name), text)
  await page.goto(`${house.address}/imports`)
  await page.getByRole('button', { name: 'Import data' }).click()
  await page.locator('input[type=file]').setInputFiles(Object.keys(files).map((name) => join(house.dir, name)))
  await page.getByText(/^客户\.csv · .* · 3 rows seen/).waitFor()
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Next' }).click()

  // Each table is taken for what it is, with its columns below.
  const tables = page.getByRole('region', { name: 'What each table holds' })
  await tables.waitFor()
  for (const kind of ['Customers', 'Contracts', 'Payments']) await tables.getByText(kind, { exact: true }).waitFor()
  const payments = page.getByRole('region', { name: 'Payments (回款.csv)' })
  await payments.getByRole('row', { name: /^收款方式/ }).waitFor()
  expect(await findings(page)).toEqual([])
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('Payments: 1').waitFor()
  await page.getByText('Nothing is wrong.').waitFor()
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByRole('status').filter({ hasText: 'Imported' }).waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  expect(await paying()).toBe(1)

  await page.getByRole('button', { name: 'Import data' }).click()
  await page.locator('input[type=file]').setInputFiles(Object.keys(next).map((name) => join(house.dir, name)))
  await page.getByText(/^11月回款\.csv · .* · 2 rows seen/).waitFor()
  await page.getByRole('button', { name: 'Import now' }).click()
  await page.getByRole('status').filter({ hasText: 'Imported' }).waitFor()
  expect(await paying(), 'the contract of before tells whose the new payment is').toBe(2)
})
