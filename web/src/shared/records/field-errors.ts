import { ApiProblem } from '../api/problem'

/** What the server says against single fields, by name, and what of a problem stands for the whole. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiProblem)) return {}
  const found: Record<string, string> = {}
  for (const { pointer, message } of error.problem.errors ?? []) {
    const name = pointer?.replace(/^\//, '').split('/')[0]
    if (name && !(name in found)) found[name] = message
  }
  return found
}
