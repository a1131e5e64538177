// Chromium as the machine has it (Debian's package, usually): one for all tests of a process.
// Without one the tests of the dashboard are skipped, with one loud line; with CI set they fail.

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const places = [
  process.env.PURSER_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

export const program = places.find((place) => place !== undefined && existsSync(place))

/** Whether tests in a browser are left out. */
export const isBrowserMissing = program === undefined && !process.env.CI

if (isBrowserMissing) {
  console.warn(
    '\n!!! The dashboard is NOT tested: there is no Chromium. Install it (apt-get install chromium), or name it in PURSER_CHROMIUM.\n',
  )
}

let browser: Promise<Browser> | undefined

export function theBrowser(): Promise<Browser> {
  if (program === undefined) throw new Error('CI needs Chromium: apt-get install chromium')
  browser ??= chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] })
  return browser
}

export async function closeBrowser(): Promise<void> {
  const open = await browser
  browser = undefined
  await open?.close()
}
