import {
  ArrowDownOutlined,
  ArrowUpOutlined,
  CopyOutlined,
  DeleteOutlined,
  EditOutlined,
  PauseCircleOutlined,
  PlayCircleOutlined,
} from '@ant-design/icons'
import { Button } from 'antd'
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'
import { count, counted } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import styles from '../Imports.module.css'
import { titleOf } from './sentence'
import { type Item, lackingIn } from './step'
import own from './Studio.module.css'
import { reason, type View } from './view'

type Props = {
  item: Item
  at: number
  last: number
  view: View
  isChosen: boolean
  isMoving: boolean
  onChoose: () => void
  onOpen: () => void
  onMove: (by: -1 | 1) => void
  onOff: () => void
  onCopy: () => void
  onRemove: () => void
}

/** A step of the list: what it does, what came of it, and what can be done with it. */
export function StepCard({ item, at, last, view, isChosen, isMoving, ...on }: Props) {
  const { t, lang } = useTexts()
  const pick = useRef<HTMLButtonElement>(null)
  const hasMoved = useRef(false)
  // A row that is put elsewhere loses the focus on the way.
  useEffect(() => {
    if (hasMoved.current) pick.current?.focus()
    hasMoved.current = false
  }, [at])
  const title = titleOf(item.step, lackingIn(item.step).length === 0, { t, lang })
  const name = t('studio.stepAt', { n: count(at + 1, lang), what: title })
  const keys = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : null
    if (!event.altKey || by === null) return
    event.preventDefault()
    hasMoved.current = true
    on.onMove(by)
  }
  const tool = (label: string, icon: ReactNode, act: () => void, disabled = false) => (
    <Button
      size="small"
      type="text"
      icon={icon}
      aria-label={`${label} · ${name}`}
      title={label}
      disabled={disabled}
      onClick={act}
    />
  )
  return (
    <>
      <button
        ref={pick}
        type="button"
        className={own.pick}
        aria-pressed={isChosen}
        aria-label={name}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        onClick={on.onChoose}
        onKeyDown={keys}
      >
        <span className={own.number}>{at + 1}</span>
        <span className={own.what}>{title}</span>
        <State item={item} view={view} />
      </button>
      <div className={own.tools}>
        {tool(t('studio.edit'), <EditOutlined />, on.onOpen)}
        {tool(t('studio.up'), <ArrowUpOutlined />, () => on.onMove(-1), isMoving || at === 0)}
        {tool(t('studio.down'), <ArrowDownOutlined />, () => on.onMove(1), isMoving || at === last)}
        {item.off
          ? tool(t('studio.on'), <PlayCircleOutlined />, on.onOff)
          : tool(t('studio.off'), <PauseCircleOutlined />, on.onOff)}
        {tool(t('studio.duplicate'), <CopyOutlined />, on.onCopy)}
        {tool(t('studio.remove'), <DeleteOutlined />, on.onRemove)}
      </div>
      {view.problem ? <Reason problem={view.problem} /> : null}
    </>
  )
}

export function Reason({ problem }: { problem: NonNullable<View['problem']> }) {
  const { lang } = useTexts()
  return (
    <p className={`${styles.bad} ${own.reason}`} role="alert">
      {reason(problem, lang)}
    </p>
  )
}

function State({ item, view }: { item: Item; view: View }) {
  const { t, lang } = useTexts()
  if (item.off) return <span className={styles.soft}>{t('studio.isOff')}</span>
  const lacking = lackingIn(item.step)
  if (lacking.length > 0) {
    const fields = lacking
      .map((field) => t(`studio.fields.${field.label as 'columns'}`))
      .join(lang === 'zh' ? '、' : ', ')
    return <span className={styles.warn}>{t('studio.incomplete', { fields })}</span>
  }
  if (view.state !== 'taken' || !view.after) return null
  const { before, after } = view
  return (
    <span className={styles.soft}>
      {before && before.row_count !== after.row_count
        ? t('studio.rowsChange', { from: count(before.row_count, lang), to: count(after.row_count, lang) })
        : t('studio.rowsAfter', counted(after.row_count, lang))}
      {view.issues.length ? (
        <span className={styles.warn}> · {t('studio.unread', counted(view.issues.length, lang))}</span>
      ) : null}
    </span>
  )
}
