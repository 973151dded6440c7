import createClient, { type Middleware } from 'openapi-fetch'
import { problemOf } from './problem'
import type { paths } from './schema'

/** The token that goes with every change; it comes with the session. */
let csrf: string | null = null

export function setCsrf(token: string | null | undefined): void {
  csrf = token ?? null
  if (csrf) localStorage.setItem(signedInKey, 'yes')
  else localStorage.removeItem(signedInKey)
}

const signedInKey = 'loudou.signed-in'

/** Whether somebody was signed in here and did not sign out: a session that is no more has ended, and was not never begun. */
export function wasSignedIn(): boolean {
  return localStorage.getItem(signedInKey) !== null
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS'])

/** For what goes past the client: uploads and files. */
export function changeHeaders(): Record<string, string> {
  return csrf ? { 'X-Loudou-CSRF': csrf } : {}
}

const guard: Middleware = {
  onRequest({ request }) {
    if (!safe.has(request.method) && csrf) request.headers.set('X-Loudou-CSRF', csrf)
    return request
  },
  onError() {
    return problemOf(0, null, null)
  },
}

export const api = createClient<paths, 'application/json' | 'application/problem+json'>({
  baseUrl: globalThis.location?.origin ?? '',
  credentials: 'same-origin',
  headers: { Accept: 'application/json' },
  fetch: (request) => globalThis.fetch(request),
})
api.use(guard)

type Reply<T> = { data?: T; error?: unknown; response: Response }

/** The answer, or the server's problem thrown. */
export async function ok<T>(call: Promise<Reply<T>>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw problemOf(response.status, error, response.headers.get('X-Request-Id'))
  return data as T
}
