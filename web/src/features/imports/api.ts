/** What the import pages ask of the server. */
import { changeHeaders } from '@/shared/api/client'
import { problemOf } from '@/shared/api/problem'
import type { Problem } from '@/shared/api/types'
import type { Label } from '@/shared/i18n/i18n'

export type Profile = { name: string; title: Label; description: Label }

export type UploadColumn = { name: string; sample: string[]; filled: number; is_repeated: boolean }

export type UploadFile = {
  name: string
  bytes: number
  format?: string | null
  sheets: string[]
  sheet?: string | null
  header_row?: number | null
  columns: UploadColumn[]
  rows_seen: number
  is_whole: boolean
  problem?: Problem | null
}

export type Upload = { id: number; files: UploadFile[] }

export type MappedField = {
  column: string
  times?: number
  percent?: boolean
  zero_is_unknown?: boolean
  only?: string[]
}
export type MappedStage = { key: string; name: Label; kind: string; level: string; role?: string }
export type OwnProcess = { key: string; name: Label; stages: MappedStage[] }

export type Mapping = {
  name: string
  table: { file: string; sheet?: string; header_row?: number; encoding?: string; delimiter?: string }
  key: string[]
  fields: Record<string, MappedField>
  keep?: string[]
  process: string | OwnProcess
  stages: Record<string, string>
  outcomes: Record<string, string>
  other_outcome?: string
  dates: string[]
  decimal_comma: boolean
  empty: string[]
  currency: string
  zone: string
  exported_on: string
  lookups?: Record<string, unknown>
  history?: unknown
}

export type TargetField = { name: string; label: Label; type: string; required: boolean }

export type Suggested = {
  mapping: Mapping
  file: UploadFile
  fields: TargetField[]
  suggestions: { column: string; field: string; score: number; why: Label }[]
  process_why: Label
  notes: Label[]
  profile_matches: { name: string; score: number }[]
}

export type Recipe = { profile: string } | { mapping: Mapping }

export type Counts = {
  import_id: number | null
  profile: string
  opportunities: number
  outcomes: Record<string, number>
  records: Record<string, number>
  rows_read: number
  rows_rejected: number
  warnings: number
  entries: number | null
  unchanged: number | null
}

export type Issue = {
  file: string
  row: number
  column: string
  value: string
  rule: string
  is_rejected: boolean
  message: Label
  hint: Label
}

export type Issues = { issues: Issue[]; issues_total: number }

export type Preview = Issues & {
  job: number
  counts: Counts
  samples: Record<string, { key: string; at: string; fields: Record<string, string> }[]>
}

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'

export type Job = {
  id: number
  kind: 'preview' | 'import' | 'demo' | 'undo'
  state: JobState
  step: Label
  done: number
  total: number | null
  unit: 'bytes' | 'entries' | null
  rate_per_second: number | null
  seconds_left: number | null
  result: (Partial<Counts> & { kept?: string[]; records?: unknown }) | null
  problem: Problem | null
  issues_total: number | null
}

export type ImportRow = {
  id: number
  profile: string
  source: string
  files: string[]
  at: string
  actor: string | null
  state: 'done' | 'undone'
  counts: Record<string, unknown>
  blocked_by: number[]
}

export type ImportPage = ImportRow & { report: Counts | null; has_rejects: boolean; has_profile: boolean }

/** An answer of the server, or its problem thrown. */
export async function call<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') Object.assign(headers, changeHeaders())
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (key) headers['Idempotency-Key'] = key
  let response: Response
  try {
    response = await fetch(`/api/v1/${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  } catch {
    throw problemOf(0, null, null)
  }
  const text = await response.text()
  const parsed = text ? safely(text) : undefined
  if (!response.ok) throw problemOf(response.status, parsed, response.headers.get('X-Request-Id'))
  return parsed as T
}

function safely(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Sends a file as it is, into `upload` or a new one. `onProgress` tells the share that has gone. */
export function send(file: File, upload: number | null, onProgress: (share: number) => void): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const query = new URLSearchParams({ name: file.name, ...(upload === null ? {} : { upload: String(upload) }) })
    request.open('POST', `/api/v1/uploads?${query}`)
    for (const [name, value] of Object.entries(changeHeaders())) request.setRequestHeader(name, value)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total)
    }
    request.onerror = () => reject(problemOf(0, null, null))
    request.onload = () => {
      const body = safely(request.responseText)
      if (request.status >= 200 && request.status < 300) resolve(body as Upload)
      else reject(problemOf(request.status, body, request.getResponseHeader('X-Request-Id')))
    }
    request.send(file)
  })
}
