import { ApiProblem, told } from '../api/problem'
import { useTexts } from '../i18n/i18n'

/** What the server says against single fields, by name; what it says of the whole is not among it. */
export function useFieldErrors(error: unknown): Record<string, string> {
  const { lang } = useTexts()
  if (!(error instanceof ApiProblem)) return {}
  const found: Record<string, string> = {}
  for (const { pointer, message } of told(error.problem, lang).errors) {
    // Values that go with a move lie one step deeper than those of an edit.
    const name = pointer?.replace(/^\/(values\/)?/, '').split('/')[0]
    if (name && !(name in found)) found[name] = message
  }
  return found
}
