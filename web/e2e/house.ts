/** A server of its own for a test: the real binary on a fresh data directory and a free port, stopped by its id. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { AxeBuilder } from '@axe-core/playwright'
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

/** `LOUDOU_BIN` names the binary with the built web inside. */
export const binary = process.env.LOUDOU_BIN ?? 'loudou'
const browser = process.env.LOUDOU_CHROMIUM ?? '/usr/bin/chromium'

/** Every test begins at this time, and so do the pictures: the same pages whatever the day. */
process.env.LOUDOU_CLOCK = '2026-11-24T10:00:00+08:00'

export type House = {
  dir: string
  address: string
  /** Everything that it printed: on a first run the one-time link too. */
  printed: string[]
  run: (args: string[], input?: string) => string
  stop: () => Promise<void>
}

/** Runs the binary on a data directory and hands back what it printed. */
export function run(dir: string, args: string[], input = ''): string {
  return execFileSync(binary, ['--data', dir, ...args], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })
}

export function freshDir(): string {
  return mkdtempSync(join(tmpdir(), 'loudou-e2e-'))
}

/** Starts the server and waits for the one line that says where it listens. */
export async function serve(dir: string): Promise<House> {
  const server = spawn(binary, ['--data', dir, 'serve', '--listen', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: string[] = []
  const address = await new Promise<string>((resolve, reject) => {
    const listen = (line: string) => {
      printed.push(line)
      const found = /^http:\/\/[\d.]+:\d+$/.exec(line.trim())
      if (found) resolve(found[0])
    }
    createInterface({ input: server.stdout }).on('line', listen)
    createInterface({ input: server.stderr }).on('line', listen)
    server.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${printed.join('\n')}`)))
    server.once('error', reject)
  })
  return { dir, address, printed, run: (args, input) => run(dir, args, input), stop: () => stop(server, dir) }
}

async function stop(server: ChildProcess, dir: string): Promise<void> {
  if (server.exitCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGTERM')
    await ended
  }
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
}

/** A browser with a profile of its own; closed with `close`. */
export async function open(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  if (!existsSync(browser))
    throw new Error(`there is no browser at ${browser}: install chromium or set LOUDOU_CHROMIUM`)
  const profile = mkdtempSync(join(tmpdir(), 'loudou-profile-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browser,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  })
  // The browser goes on writing for a moment after it was closed.
  process.once('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 10 }))
  return context
}

export async function signIn(page: Page, house: House, name: string, password: string, path = '/'): Promise<void> {
  await page.goto(`${house.address}/sign-in?to=${encodeURIComponent(path)}`)
  await page.locator('input[autocomplete=username]').fill(name)
  await page.locator('input[autocomplete=current-password]').fill(password)
  await page.locator('button[type=submit]').click()
  await page.waitForURL((url) => url.pathname !== '/sign-in')
}

/** What the server answers to whoever is signed in on the page. */
export async function answer<T>(page: Page, house: House, path: string): Promise<T> {
  const told = await page.request.get(`${house.address}/api/v1/${path}`)
  expect(told.status(), path).toBe(200)
  return (await told.json()) as T
}

/** Opens a page and waits until it stands. */
export async function settle(page: Page, house: House, path: string): Promise<void> {
  // A pointer that rests over a chart makes it draw a shadow over what is to be clicked.
  await page.mouse.move(0, 0)
  await page.goto(`${house.address}${path}`)
  await page.waitForLoadState('networkidle')
  // Nothing is awaited any more, and no drawing is still a grey shape.
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], [class*="_bone_"]'))
}

/** What axe finds of weight on the page, one line each. */
export async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa']).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`)
}
