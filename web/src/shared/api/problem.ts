import type { Lang } from '../i18n/i18n'
import type { Problem } from './types'

/** What the server refused, with its reasons; or that it could not be reached (`status` 0). */
export class ApiProblem extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.name = 'ApiProblem'
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }

  get status(): number {
    return this.problem.status
  }
}

/** A problem out of whatever came back: the server's document, a proxy's page, or nothing at all. */
export function problemOf(status: number, body: unknown, requestId: string | null): ApiProblem {
  if (isProblem(body)) return new ApiProblem({ ...body, request_id: body.request_id ?? requestId ?? '' })
  return new ApiProblem({
    type: 'about:blank',
    title: '',
    title_zh: '',
    status,
    detail: '',
    code: status === 0 ? 'unreachable' : 'unknown',
    request_id: requestId ?? '',
  })
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'status' in body
}

/** What a problem says in a language; texts that the server has in English alone stay English. */
export function told(problem: Problem, lang: Lang): Told {
  const zh = lang === 'zh'
  return {
    detail: (zh ? problem.detail_zh : undefined) ?? problem.detail,
    hint: (zh ? problem.hint_zh : undefined) ?? problem.hint ?? '',
    errors: (problem.errors ?? []).map((one) => ({
      pointer: one.pointer ?? undefined,
      message: (zh ? one.message_zh : undefined) ?? one.message,
    })),
  }
}

export type Told = { detail: string; hint: string; errors: { pointer: string | undefined; message: string }[] }

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'signed-out'
}
