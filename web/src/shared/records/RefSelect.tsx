import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useDeferredValue, useState } from 'react'
import { api, ok } from '../api/client'
import type { Named } from '../api/records'
import { useTexts } from '../i18n/i18n'

type Props = {
  /** The kind of record: `person`, `account`, `region`… */
  kind: string
  value: Named | null
  onChange: (value: Named | null) => void
  label: string
  autoFocus?: boolean
  status?: 'error'
  disabled?: boolean
  size?: 'small' | 'middle'
  placeholder?: string
}

/** Kinds whose records are filtered by under another name. */
const dimensions: Record<string, string> = { person: 'owner' }

/** A record chosen by a part of its name, of those that are in sight. */
export function RefSelect({ kind, value, onChange, label, autoFocus, status, disabled, size, placeholder }: Props) {
  const { t } = useTexts()
  const [typed, setTyped] = useState('')
  const q = useDeferredValue(typed.trim())
  const found = useQuery({
    queryKey: ['refs', kind, q],
    queryFn: () => lookUp(kind, q),
    placeholderData: keepPreviousData,
    enabled: !disabled,
  })
  const choices = found.data ?? []
  const options = choices.map((one) => ({ value: one.value, label: one.name }))
  const own = value
    ? (choices.find((one) => one.id === value.id || one.name === value.name)?.value ?? `#${value.id}`)
    : undefined
  const shown = value && !q && !options.some((one) => one.value === own)
  const choose = async (chosen: string | undefined) => {
    setTyped('')
    const choice = choices.find((one) => one.value === chosen)
    onChange(choice ? await resolved(kind, choice) : null)
  }
  return (
    <Select
      showSearch={{ filterOption: false, onSearch: setTyped }}
      allowClear
      autoFocus={autoFocus}
      disabled={disabled}
      size={size}
      aria-label={label}
      status={status}
      style={{ width: '100%' }}
      value={own}
      loading={found.isFetching}
      placeholder={placeholder ?? t('record.find')}
      notFoundContent={found.isPending ? t('common.loading') : t('record.noneFound')}
      options={shown && own ? [{ value: own, label: value.name }, ...options] : options}
      onChange={(chosen) => void choose(chosen)}
    />
  )
}

/** A record that may be chosen; of those found as a dimension's value the id is asked for when one is chosen. */
type Choice = { value: string; name: string; id: number | null }

async function lookUp(kind: string, q: string): Promise<Choice[]> {
  if ((kind === 'account' || kind === 'person') && q) {
    const hits = await ok(api.GET('/api/v1/search', { params: { query: { q } } }))
    const found = kind === 'account' ? hits.customers : hits.people
    return found.map(({ id, name }) => ({ value: `#${id}`, name, id }))
  }
  const query = { dimension: dimensions[kind] ?? kind, q, limit: 50 }
  const facets = await ok(api.GET('/api/v1/members', { params: { query } }))
  return facets
    .filter((facet) => facet.value !== '')
    .map((facet) => ({ value: facet.value, name: facet.label ?? facet.value, id: idIn(facet.value) }))
}

function idIn(value: string): number | null {
  return /^#\d+$/.test(value) ? Number(value.slice(1)) : null
}

/** A value's record, by one of the deals that have it. */
async function resolved(kind: string, choice: Choice): Promise<Named | null> {
  if (choice.id !== null) return { id: choice.id, name: choice.name }
  const dimension = dimensions[kind] ?? kind
  const query = { f: [`${dimension}:${choice.value}`], limit: 1 }
  const page = await ok(api.GET('/api/v1/opportunities', { params: { query } }))
  const found = page.rows[0]?.[dimension as 'region']
  return found ? { id: found.id, name: found.name } : null
}
