/**
 * Records in the browser: a move with what its gate lacks, somebody new at a customer, pages of a past day, and lists
 * that nothing is left of.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, findings, freshDir, type House, open, run, serve, signIn, settle } from './house'

const password = 'a-password-of-tests'

let house: House
let context: BrowserContext
let page: Page

type Deal = {
  id: number
  account: { id: number } | null
  stage: { key: string } | null
  missing: { kind: string; name: { en: string } }[] | null
}

const ask = <T>(path: string) => answer<T>(page, house, path)
/** A deal in a stage of whose exit criteria some do not hold. */
async function dealIn(stage: string): Promise<Deal> {
  const cell = encodeURIComponent(`stock;stage=${stage}`)
  const { rows } = await ask<{ rows: Deal[] }>(`opportunities?process=b2b-seven&cell=${cell}&limit=1`)
  expect(rows).toHaveLength(1)
  return ask<Deal>(`opportunities/${rows[0]?.id}`)
}

const settled = (path: string) => settle(page, house, path)

beforeAll(async () => {
  const dir = freshDir()
  run(dir, ['demo'])
  run(dir, ['user', 'add', 'seller', '--role', 'operations'], `${password}\n`)
  house = await serve(dir)
  context = await open()
  page = context.pages()[0] ?? (await context.newPage())
  await signIn(page, house, 'seller', password)
})

afterAll(async () => {
  await context?.close()
  await house?.stop()
})

describe('a move through a gate', () => {
  it('is refused with each missing thing once, and made with all that was filled in', async () => {
    const before = await dealIn('solution')
    const missing = before.missing ?? []
    expect(missing.map((need) => need.kind)).toEqual(expect.arrayContaining(['field', 'action', 'role']))
    await settled(`/deals/${before.id}`)
    const advance = page.getByRole('button', { name: 'Advance to Negotiation / POC' })
    await advance.click()
    const dialog = page.getByRole('dialog')
    const ok = dialog.getByRole('button', { name: 'Advance to Negotiation / POC' })
    await ok.click()
    await dialog.getByText('fill in what is marked').waitFor()
    const typed = missing.filter((need) => ['field', 'action', 'role'].includes(need.kind))
    expect(await dialog.getByText('Needed', { exact: true }).count()).toBe(typed.length)
    expect((await dealIn('solution')).id, 'nothing was written').toBe(before.id)

    await dialog.getByRole('combobox', { name: 'Supply list' }).fill('Pumps, Valves,')
    await dialog.getByRole('combobox', { name: 'Competitors' }).fill('Rival,')
    await dialog.getByRole('textbox', { name: 'Sales cost budget' }).fill('12k')
    for (const box of await dialog.getByRole('checkbox').all()) await box.check()
    await dialog.getByRole('textbox', { name: 'Met: user buyer' }).fill('Li Na')
    await dialog.getByRole('textbox', { name: 'Met: technical buyer' }).fill('Wu Gang')
    expect(await findings(page)).toEqual([])
    await ok.click()
    await dialog.waitFor({ state: 'hidden' })

    const after = await ask<Deal & { fields: { name: string; value: unknown }[] }>(`opportunities/${before.id}`)
    expect(after.stage?.key).toBe('proof')
    const value = (name: string) => after.fields.find((field) => field.name === name)?.value
    expect(value('supply_list')).toEqual(['Pumps', 'Valves'])
    expect(value('sales_cost_budget_minor')).toBe(1_200_000)
    expect(value('parties')).toEqual([
      { name: 'Li Na', role: 'user', met_on: '2026-11-24' },
      { name: 'Wu Gang', role: 'technical', met_on: '2026-11-24' },
    ])
    await page.getByText('Li Na · user buyer · 24 Nov 2026', { exact: false }).first().waitFor()
  })
})

describe('a customer', () => {
  it('gets somebody whom a form adds, and keeps what a form lacks out', async () => {
    const { account } = await dealIn('needs')
    await settled(`/customers/${account?.id}`)
    await page.getByRole('button', { name: 'Add a contact' }).click()
    const dialog = page.getByRole('dialog')
    const add = dialog.getByRole('button', { name: 'Add a contact' })
    await add.click()
    await dialog.getByRole('alert').or(dialog.locator('.ant-form-item-explain-error')).first().waitFor()
    await dialog.getByLabel('Name').fill('Zhao Min')
    await dialog.getByLabel('Post').fill('Buyer')
    await add.click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('region', { name: 'Contacts' }).getByText('Zhao Min').waitFor()
  })
})

describe('a past day', () => {
  const day = '2026-06-30'

  /** What one could change a record by. */
  const edits = () =>
    page
      .getByRole('main')
      .getByRole('button', { name: /\b(Edit|New|Advance|Reopen|Move to|End or pause|Add a contact)\b/ })

  it('is for reading only: neither records nor lists offer a change', async () => {
    const { id, account } = await dealIn('needs')
    for (const path of [`/deals/${id}`, `/customers/${account?.id}`, '/deals', '/customers']) {
      await settled(path)
      await edits().first().waitFor()
      await settled(`${path}?as_of=${day}`)
      await page.getByRole('status').getByText('You are looking at 30 Jun 2026.').waitFor()
      await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor()
      await page.getByRole('region').or(page.getByRole('table')).first().waitFor()
      expect(await edits().count(), path).toBe(0)
    }
  })

  it('says so on a deal, and leads back to where it may be changed', async () => {
    const { id } = await dealIn('needs')
    await settled(`/deals/${id}?as_of=${day}`)
    await page.getByText('As it was on 30 Jun 2026: for reading only.').waitFor()
    await page.getByRole('button', { name: 'Back to today' }).click()
    await edits().first().waitFor()
    expect(new URL(page.url()).searchParams.has('as_of')).toBe(false)
  })
})

describe('a list that nothing is left of', () => {
  it.each([
    ['/deals', 'No deals match.', 'Deals'],
    ['/customers', 'No customers match.', 'Customers'],
  ])('%s says what narrows it, and takes that away', async (path, none, name) => {
    await settled(`${path}?q=nobody-of-this-name`)
    await page.getByRole('status').getByText(none).waitFor()
    await page.getByRole('button', { name: 'Clear the search' }).click()
    await page.getByRole('table', { name }).getByRole('link').first().waitFor()
  })
})
