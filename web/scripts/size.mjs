// What the browser fetches from sign-in to the first painted analyser, compressed, and fails beyond the budget.
// The files are followed from the entry through static imports, then through the lazy parts that this path opens.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const dist = process.env.LOUDOU_WEB_DIST ?? 'dist'
const budgetBytes = 700 * 1000
const answersBytes = 60 * 1000 // the API's answers on this path, measured generously
const lazyPages = [
  'src/features/sign-in/SignInPage.tsx',
  'src/features/analyser/AnalyserPage.tsx',
  'src/shared/charts/echarts.ts',
]

const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
const files = new Set(['index.html', 'icon.svg'])

function follow(key) {
  const chunk = manifest[key]
  if (!chunk) throw new Error(`${key} is not in the build's manifest: mend the list in scripts/size.mjs`)
  if (files.has(chunk.file)) return
  files.add(chunk.file)
  for (const css of chunk.css ?? []) files.add(css)
  for (const next of chunk.imports ?? []) follow(next)
}

follow('index.html')
for (const page of lazyPages) follow(page)

let total = answersBytes
for (const file of files) {
  const bytes = statSync(join(dist, `${file}.br`)).size
  total += bytes
  console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${file}`)
}
console.log(`${(answersBytes / 1000).toFixed(1).padStart(8)} kB  answers of the API (allowance)`)
console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  of ${budgetBytes / 1000} kB from sign-in to the analyser`)
if (total > budgetBytes) {
  console.error('Over the budget: split a route, or drop a dependency.')
  process.exit(1)
}
