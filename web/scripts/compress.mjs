// Writes a brotli twin (`.br`) beside every text file of the build, so that the server sends it as it is.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const dist = process.env.LOUDOU_WEB_DIST ?? 'dist'
const text = /\.(js|css|html|svg|json|map|txt)$/

for (const entry of readdirSync(dist, { recursive: true })) {
  const path = join(dist, entry)
  if (!text.test(path) || !statSync(path).isFile()) continue
  const bytes = readFileSync(path)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
}
