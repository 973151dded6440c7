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

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'signed-out'
}
