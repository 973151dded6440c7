import { CloseOutlined, PlusOutlined } from '@ant-design/icons'
import { AutoComplete, Button, Input, Select } from 'antd'
import { useState } from 'react'
import { nameValue } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import own from './Studio.module.css'

export type Pair = [string, string]
/** What a side of a pair takes: a text, one of some names, or a text for which some names are proposed. */
export type Side = { free?: boolean; names?: readonly string[]; said?: (name: string) => string }

type Props = {
  label: string
  heads: [string, string]
  value: Pair[]
  left: Side
  right: Side
  help?: string
  onValue: (pairs: Pair[]) => void
}

/** The pairs as they are sent: none without its left side, nor without its right one where that has to be there. */
export function recordOf(pairs: readonly Pair[], isWhole = false): Record<string, string> {
  return Object.fromEntries(pairs.filter(([left, right]) => left !== '' && !(isWhole && right === '')))
}

/** Pairs, a row each. What is being typed stands here; only what is whole goes out. */
export function PairsField({ label, heads, value, left, right, help, onValue }: Props) {
  const { t, lang } = useTexts()
  const [rows, setRows] = useState<Pair[]>(() => (value.length ? value : [['', right.names?.[0] ?? '']]))
  const put = (next: Pair[]) => {
    setRows(next)
    onValue(next)
  }
  const set = (at: number, side: 0 | 1, text: string) =>
    put(rows.map((row, one) => (one === at ? (side === 0 ? [text, row[1]] : [row[0], text]) : row)))
  return (
    <fieldset className={own.pairs}>
      <legend>{label}</legend>
      {rows.map(([one, other], at) => (
        // Rows have no name of their own, and are never put in another order.
        <div key={at} className={own.pair}>
          <Control
            side={left}
            label={nameValue(heads[0], String(at + 1), lang)}
            head={heads[0]}
            value={one}
            onValue={(text) => set(at, 0, text)}
          />
          <Control
            side={right}
            label={nameValue(heads[1], String(at + 1), lang)}
            head={heads[1]}
            value={other}
            onValue={(text) => set(at, 1, text)}
          />
          <Button
            size="small"
            type="text"
            icon={<CloseOutlined />}
            aria-label={nameValue(t('studio.removeRow'), String(at + 1), lang)}
            onClick={() => put(rows.filter((_, row) => row !== at))}
          />
        </div>
      ))}
      {help ? <span className={own.help}>{help}</span> : null}
      <Button
        size="small"
        type="dashed"
        icon={<PlusOutlined aria-hidden="true" />}
        onClick={() => setRows([...rows, ['', right.free ? '' : (right.names?.[0] ?? '')]])}
      >
        {t('studio.addRow')}
      </Button>
    </fieldset>
  )
}

type ControlProps = { side: Side; label: string; head: string; value: string; onValue: (text: string) => void }

function Control({ side, label, head, value, onValue }: ControlProps) {
  const names = side.names ?? []
  const options = names.map((name) => ({ value: name, label: side.said ? side.said(name) : name }))
  if (!side.free) {
    return (
      <Select
        showSearch
        aria-label={label}
        placeholder={head}
        value={value || undefined}
        options={options}
        onChange={onValue}
      />
    )
  }
  if (names.length === 0) {
    return (
      <Input aria-label={label} placeholder={head} value={value} onChange={({ target }) => onValue(target.value)} />
    )
  }
  return <AutoComplete aria-label={label} placeholder={head} value={value} options={options} onChange={onValue} />
}
