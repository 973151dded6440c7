import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

/** Imports go downwards only: app → features → shared, and no feature knows another. */
const src = dirname(fileURLToPath(import.meta.url))
const order = ['shared', 'features', 'app']

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))

function targets(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8')
  const names = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')
  return names
    .filter((name) => name.startsWith('.') || name.startsWith('@/'))
    .map((name) => normalize(name.startsWith('@/') ? name.slice(2) : join(dirname(file), name)))
}

describe('layers', () => {
  it.each(files.filter((file) => order.includes(file.split('/')[0] ?? '')))('%s imports downwards', (file) => {
    const [layer = '', feature] = file.split('/')
    for (const target of targets(file)) {
      const [toLayer = '', toFeature] = target.split('/')
      expect(order.indexOf(toLayer), `${file} imports ${target}`).toBeLessThanOrEqual(order.indexOf(layer))
      if (layer === 'features' && toLayer === 'features') {
        expect(toFeature, `${file} imports another feature`).toBe(feature)
      }
    }
  })

  it('components stay below 250 lines', () => {
    const long = files.filter(
      (file) => file.endsWith('.tsx') && readFileSync(join(src, file), 'utf8').split('\n').length > 250,
    )
    expect(long).toEqual([])
  })
})
