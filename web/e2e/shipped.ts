/** What is shipped, to be looked at: the demo company and the real export in one data directory, as the demo has them. */
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { freshDir, type House, open, run, serve, signIn } from './house'

export const company = 'b2b-seven'
export const regional = 'regional-sales'
/** The day of the export, from which its process is looked at. */
export const exportDay = '2021-11-10'

export type Shipped = { house: House; context: BrowserContext; page: Page; stop: () => Promise<void> }

const password = 'a-password-of-tests'
const datasets = join(import.meta.dirname, '../../datasets')

export async function shipped(): Promise<Shipped> {
  const dir = freshDir()
  run(dir, ['demo'])
  run(dir, ['import', 'run', regional, join(datasets, regional)])
  run(dir, ['user', 'add', 'boss', '--role', 'operations', '--role', 'manager'], `${password}\n`)
  const house = await serve(dir)
  const context = await open()
  const page = context.pages()[0] ?? (await context.newPage())
  await signIn(page, house, 'boss', password)
  const stop = async () => {
    await context.close()
    await house.stop()
  }
  return { house, context, page, stop }
}
