import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// The real binary and a real browser: one after another, since both cost.
export default defineConfig({
  resolve: { alias: { '@': fileURLToPath(new URL('../src', import.meta.url)) } },
  test: {
    include: ['e2e/**/*.e2e.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
