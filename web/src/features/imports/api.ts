/** What the import pages ask of the server. Shapes are generated: `npm run api`. */
import { api, changeHeaders, ok } from '@/shared/api/client'
import { problemOf } from '@/shared/api/problem'
import type { components } from '@/shared/api/schema'

type Schemas = components['schemas']

/** What every question about the files of an upload begins with. */
export const filesKey = (upload: number) => ['files', upload] as const

/** What is known of one import. */
export const importKey = (id: number | null) => ['imports', id] as const

export type Upload = Schemas['UploadBody']
export type UploadFile = Schemas['FileBody']
export type TableChoice = Schemas['TableChoice']
export type SuggestAsk = Schemas['SuggestBody']
export type Suggested = Schemas['SuggestedBody']
export type Mapping = Schemas['Mapping']
export type TargetField = Schemas['MappingFieldBody']
/** A table of records other than deals, as the mapping has it. */
export type MappedRecords = Schemas['MappedRecords']
/** Why a column is put to a field. */
export type Suggestion = Schemas['SuggestionBody']
/** A table of the upload, and what it may hold. */
export type TableFound = Schemas['TableFoundBody']
/** How the files are read: by a profile, by a mapping, or as an import of before was. */
export type Recipe = Schemas['RecipeBody']
export type SavedMatch = Schemas['SavedBody']
/** What steps do to the first rows of a table. */
export type Cleaned = Schemas['CleanedBody']
export type CleaningAsk = Schemas['CleaningBody']
export type Spelling = Schemas['SpellingBody']
export type Issues = Schemas['IssuesBody']
export type Job = Schemas['JobBody']
export type ImportRow = Schemas['ImportBody']
export type ImportPage = Schemas['ImportPageBody']

/** The report of a dry run or an import. The document leaves it open, since the program writes the same to a file. */
export type Counts = {
  import_id?: number | null
  opportunities: number
  /** Of a dry run: how many of the deals the source brought before. */
  opportunities_known?: number | null
  /** Of a dry run: another source that brought most of these ids, where this one brought none. */
  elsewhere?: { source: string; found: number; of: number } | null
  outcomes: Record<string, number>
  /** Records by table, deals among them. */
  records?: Record<string, number>
  rows_read: number
  rows_rejected: number
  warnings: number
  entries?: number | null
}

/** The report that is kept of an import. */
export type Report = Counts & { issues?: { rule: string; severity: string; count: number }[] }

/** What a dry run found, whether it was answered at once or went on as a job. */
export type Preview = Issues & { counts: Counts; job: number }

export const listImports = () => ok(api.GET('/api/v1/imports'))

export const listProfiles = () => ok(api.GET('/api/v1/profiles'))

export const suggest = (id: number, ask: SuggestAsk) =>
  ok(api.POST('/api/v1/uploads/{id}/suggest', { params: { path: { id } }, body: ask }))

/** Shows what steps do; whoever has asked for something else meanwhile breaks it off by `signal`. */
export const cleaned = (id: number, ask: CleaningAsk, signal?: AbortSignal) =>
  ok(api.POST('/api/v1/uploads/{id}/steps', { params: { path: { id } }, body: ask, signal: signal ?? null }))

/** Which values of a column are likely one, as the table is after its steps. */
export const joinKeys = (id: number, ask: Schemas['JoinKeysAskBody']) =>
  ok(api.POST('/api/v1/uploads/{id}/join-keys', { params: { path: { id } }, body: ask }))

export const spellings = (id: number, ask: Schemas['SpellingsAskBody']) =>
  ok(api.POST('/api/v1/uploads/{id}/spellings', { params: { path: { id } }, body: ask }))

export const preview = (id: number, recipe: Recipe) =>
  ok(api.POST('/api/v1/uploads/{id}/preview', { params: { path: { id } }, body: recipe }))

const issuesPage = 1000

/** All issues that the server lists of a job; beyond the first thousands it only counts them. */
export async function issuesOf(id: number): Promise<Issues> {
  const ask = (offset: number) =>
    ok(api.GET('/api/v1/jobs/{id}/issues', { params: { path: { id }, query: { offset, limit: issuesPage } } }))
  const first = await ask(0)
  const issues = [...first.issues]
  for (let page = first; page.issues.length === issuesPage && issues.length < first.issues_total;) {
    page = await ask(issues.length)
    issues.push(...page.issues)
  }
  return { ...first, issues }
}

/** Where the list of the rows that an import left out is, and the profile that read it. */
export const importRejects = (id: number) => `/api/v1/imports/${id}/rejects`
export const importProfile = (id: number) => `/api/v1/imports/${id}/profile`

/** Where a job's list of the rows that stay out is. */
export const jobRejects = (id: number) => `/api/v1/jobs/${id}/rejects`

export const readUpload = (id: number) => ok(api.GET('/api/v1/uploads/{id}', { params: { path: { id } } }))

export const dropUpload = (id: number) => ok(api.DELETE('/api/v1/uploads/{id}', { params: { path: { id } } }))

/** Begins an import; the same `key` begins it once, however often it is sent. */
export const startImport = (upload: number, recipe: Recipe, skipRejected: boolean, key: string) =>
  ok(
    api.POST('/api/v1/imports', {
      params: { header: { 'Idempotency-Key': key } },
      body: { upload, ...recipe, skip_rejected: skipRejected },
    }),
  )

export const readImport = (id: number) => ok(api.GET('/api/v1/imports/{id}', { params: { path: { id } } }))

export const undoImport = (id: number) => ok(api.POST('/api/v1/imports/{id}/undo', { params: { path: { id } } }))

export const startDemo = () => ok(api.POST('/api/v1/demo', { body: {} }))

export { cancelJob, readJob } from '@/shared/jobs/use-job'

/**
 * Sends a file as it is, into `upload` or a new one. `onProgress` tells the share that has gone, which `fetch` does
 * not know.
 */
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
      const body = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) resolve(body as Upload)
      else reject(problemOf(request.status, body, request.getResponseHeader('X-Request-Id')))
    }
    request.send(file)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
