import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useDeferredValue, useState } from 'react'
import { api, ok } from '../api/client'
import { type Named, recordsKeys } from '../api/records'
import { useTexts } from '../i18n/i18n'

type Props = {
  /** The kind of record: `person`, `account`, `region`… */
  kind: string
  /** Of contacts: the customer whose they are. */
  customer?: number | null
  value: Named | null
  onChange: (value: Named | null) => void
  label: string
  autoFocus?: boolean
  status?: 'error'
  disabled?: boolean
  size?: 'small' | 'middle'
  placeholder?: string
}

/** A record chosen by a part of its name, of those that a form may refer to. */
export function RefSelect({ kind, customer, value, onChange, label, placeholder, disabled, ...rest }: Props) {
  const { t } = useTexts()
  const [typed, setTyped] = useState('')
  const q = useDeferredValue(typed.trim())
  const isContact = kind === 'contact'
  const homeless = isContact && customer == null
  const found = useQuery({
    queryKey: [recordsKeys.choices, kind, isContact ? customer : null, q],
    queryFn: ({ signal }) => {
      const query = { kind, q, customer: isContact ? (customer ?? undefined) : undefined }
      return ok(api.GET('/api/v1/records', { params: { query }, signal }))
    },
    placeholderData: keepPreviousData,
    enabled: !disabled && !homeless,
  })
  const choices = found.data ?? []
  const options = choices.map((one) => ({ value: one.id, label: one.note ? `${one.name} · ${one.note}` : one.name }))
  const shown = value && !q && !choices.some((one) => one.id === value.id)
  const nothing = homeless
    ? t('record.customerFirst')
    : found.isError
      ? t('record.notLookedUp')
      : found.isPending
        ? t('common.loading')
        : t(isContact ? 'record.noContact' : 'record.noneFound')
  return (
    <Select
      {...rest}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      allowClear
      disabled={disabled}
      aria-label={label}
      style={{ width: '100%' }}
      value={value?.id}
      loading={found.isFetching}
      placeholder={placeholder ?? t('record.find')}
      notFoundContent={nothing}
      options={shown ? [{ value: value.id, label: value.name }, ...options] : options}
      onChange={(chosen: number | undefined) => {
        setTyped('')
        const choice = choices.find((one) => one.id === chosen)
        if (choice) onChange({ id: choice.id, name: choice.name })
        else if (chosen === undefined) onChange(null)
      }}
    />
  )
}
