import { useQuery } from '@tanstack/react-query'
import { api, ok } from '@/shared/api/client'
import { useSession } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'

type Choice = { value: string; label: string }

/** The scopes to choose from; among them that of the address, by name, where a search or a link brought another one. */
export function useScopeChoices(scope: string | undefined): Choice[] {
  const { t, say } = useTexts()
  const { scopes } = useSession()
  const choices = scopes.map((one) => ({ value: one.value, label: say(one.label) }))
  const other = scope !== undefined && choices.every((one) => one.value !== scope) ? scope : undefined
  const [, sort = '', name = ''] = /^(person|team):(.*)$/.exec(other ?? '') ?? []
  const id = /^#\d+$/.test(name) ? Number(name.slice(1)) : null
  const dimension = sort === 'person' ? 'owner' : 'team'
  const named = useQuery({
    queryKey: ['scope-name', other],
    // Whose deals are seen by this scope is whom it is called after.
    queryFn: () => ok(api.GET('/api/v1/members', { params: { query: { dimension, scope: other } } })),
    enabled: id !== null,
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (other === undefined) return choices
  const found = named.data?.find((one) => one.id === id)?.label
  const unnamed = sort === 'team' ? t('frame.oneTeam', { id }) : t('frame.onePerson', { id })
  return [...choices, { value: other, label: id === null ? name || other : (found ?? unnamed) }]
}
