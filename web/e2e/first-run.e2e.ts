/** A fresh installation: the one-time link, the first user, the way to data, signing out and in again. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findings, freshDir, type House, open, serve, signIn } from './house'

const password = 'a-password-of-tests'

let house: House
let context: BrowserContext
let page: Page

beforeAll(async () => {
  house = await serve(freshDir())
  context = await open()
  page = context.pages()[0] ?? (await context.newPage())
})

afterAll(async () => {
  await context?.close()
  await house?.stop()
})

it('the printed link makes the first user, who is led on to data', async () => {
  await expect.poll(() => house.printed.join('\n')).toMatch(/\/first-run#code=\S+/)
  const code = /\/first-run#code=(\S+)/.exec(house.printed.join('\n'))?.[1]
  await page.goto(`${house.address}/first-run#code=${code}`)
  await page.getByLabel('Your user name').waitFor()
  expect(await findings(page)).toEqual([])
  const organisation = page.locator('input[autocomplete=organization]')
  if (await organisation.count()) {
    await organisation.fill('Example Works')
    await page.getByLabel('Home currency').fill('EUR')
    await page.keyboard.press('Enter')
  }
  await page.locator('input[autocomplete=username]').fill('founder')
  for (const field of await page.locator('input[type=password]').all()) await field.fill(password)
  await page.locator('button[type=submit]').click()
  await page.waitForURL((url) => !url.pathname.startsWith('/first-run'))
  await page.getByRole('navigation', { name: 'Main navigation' }).waitFor()
  await page.getByRole('link', { name: 'Import data' }).first().waitFor()
})

it('sessions end on sign-out, and name and password begin another', async () => {
  const session = (await context.cookies()).find(({ name }) => name === 'loudou_session')
  await page.getByRole('button', { name: 'My account' }).click()
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click()
  await page.waitForURL((url) => url.pathname === '/sign-in')
  // The cookie that was kept elsewhere opens nothing any more.
  const kept = await fetch(`${house.address}/api/v1/session`, {
    headers: { cookie: `${session?.name}=${session?.value}` },
  })
  expect(kept.status).toBe(401)
  await page.goto(house.address)
  await page.waitForURL((url) => url.pathname === '/sign-in')
  await signIn(page, house, 'founder', password)
  await page.getByRole('navigation', { name: 'Main navigation' }).waitFor()
})
