import type { KeyboardEvent } from 'react'
import { capital, count, counted } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { box, boxes, dateKind, type Line, lines, type Model, width } from './layout'
import styles from './Model.module.css'

type Props = { model: Model; chosen: string | undefined; onChoose: (kind: string) => void }

/** The star as a drawing: each box is a button, the lines of the chosen one carry their counts. */
export function Star({ model, chosen, onChoose }: Props) {
  const { t } = useTexts()
  const { boxes: placed, height } = boxes(model)
  const drawn = lines(model, placed)
  const isOf = (line: Line) => line.from === chosen || line.to === chosen
  const near = new Set(drawn.filter(isOf).flatMap((line) => [line.from, line.to]))
  return (
    <svg
      className={styles.star}
      viewBox={`-2 -2 ${width + 4} ${height + 4}`}
      role="group"
      aria-label={t('model.star')}
      preserveAspectRatio="xMidYMin meet"
    >
      {drawn.map((line) => (
        <path
          key={`${line.from} ${line.to}`}
          d={line.path}
          className={styles.line}
          data-chosen={isOf(line) || undefined}
          data-loose={(line.loose ?? 0) > 0 || undefined}
          data-faint={(chosen !== undefined && !isOf(line)) || undefined}
        />
      ))}
      {placed.map((one) => (
        <StarBox
          key={one.kind}
          model={model}
          kind={one.kind}
          x={one.x}
          y={one.y}
          chosen={one.kind === chosen}
          near={near.has(one.kind)}
          onChoose={onChoose}
        />
      ))}
      {drawn
        .filter((line) => isOf(line) && line.found != null)
        .map((line) => (
          <LineCount key={`${line.from} ${line.to}`} line={line} model={model} />
        ))}
    </svg>
  )
}

/** How many rows a line leads, on the line. */
function LineCount({ line, model }: { line: Line; model: Model }) {
  const { t, lang, say } = useTexts()
  const label = (kind: string) => say(model.tables.find((table) => table.kind === kind)?.label)
  const text = count(line.found ?? 0, lang)
  const half = (text.length * 7 + 10) / 2
  return (
    <g className={styles.lineCount} data-loose={(line.loose ?? 0) > 0 || undefined}>
      <title>
        {t('model.joinsTo', { from: label(line.from), to: label(line.to), ...counted(line.found ?? 0, lang) })}
      </title>
      <rect x={line.x - half} y={line.y - 10} width={half * 2} height={20} rx={6} />
      <text x={line.x} y={line.y + 4} textAnchor="middle">
        {text}
      </text>
    </g>
  )
}

type BoxProps = {
  model: Model
  kind: string
  x: number
  y: number
  chosen: boolean
  near: boolean
  onChoose: (kind: string) => void
}

function StarBox({ model, kind, x, y, chosen, near, onChoose }: BoxProps) {
  const { title, note, loose } = useBoxWords()(model, kind)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return
    event.preventDefault()
    onChoose(kind)
  }
  const fact = model.tables.find((table) => table.kind === kind)?.is_fact
  return (
    <g
      className={styles.box}
      transform={`translate(${x} ${y})`}
      role="button"
      tabIndex={0}
      aria-pressed={chosen}
      aria-label={[title, note, loose].filter(Boolean).join(' · ')}
      data-fact={fact || undefined}
      data-near={near || undefined}
      onClick={() => onChoose(kind)}
      onKeyDown={onKeyDown}
    >
      <rect width={box.width} height={box.height} rx={8} />
      <text x={12} y={20} className={styles.boxTitle}>
        {title}
      </text>
      <text x={12} y={37} className={styles.boxNote}>
        {note}
      </text>
      {loose ? <circle cx={box.width - 14} cy={15} r={5} className={styles.boxLoose} /> : null}
    </g>
  )
}

/** What a box says of its table: its name, its rows, and whether any of them lead nowhere. */
export function useBoxWords() {
  const { t, lang, say } = useTexts()
  return (model: Model, kind: string) => {
    if (kind === dateKind) {
      return { title: t('model.date'), note: model.zone, loose: undefined }
    }
    const table = model.tables.find((one) => one.kind === kind)
    const loose = table?.loose ?? 0
    return {
      title: capital(say(table?.label)),
      note: table?.rows == null ? kind : t('model.rows', counted(table.rows, lang)),
      loose: loose > 0 ? t('model.looseRows', counted(loose, lang)) : undefined,
    }
  }
}
