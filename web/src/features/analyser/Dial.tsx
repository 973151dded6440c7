import { share } from '@/shared/format/format'
import { type Status, statusSigns } from '@/shared/format/status'
import { useTexts } from '@/shared/i18n/i18n'
import styles from './Dial.module.css'

const radius = 40
const halfCircle = Math.PI * radius
const arc = 'M 10 48 A 40 40 0 0 1 90 48'

type Props = {
  /** Coverage as a fraction of what is required; undefined has no hand. */
  value: number | null
  colour: Status | null
  caption: string
  label: string
  /** Where the colour changes: marks on the rim. */
  limits: readonly number[]
  why?: string
  onOpen?: () => void
}

/** A half-circle gauge: full means that what is required is there. */
export function Dial({ value, colour, caption, label, limits, why, onOpen }: Props) {
  const { lang } = useTexts()
  const filled = Math.min(Math.max(value ?? 0, 0), 1) * halfCircle
  const face = (
    <>
      <svg viewBox="0 0 100 54" className={styles.face} aria-hidden="true">
        <path d={arc} className={styles.rim} />
        {filled > 0 ? <path d={arc} className={styles.filled} strokeDasharray={`${filled} ${halfCircle}`} /> : null}
        {limits.map((limit) => {
          const angle = Math.PI * (1 - limit)
          const [x, y] = [Math.cos(angle), -Math.sin(angle)]
          return (
            <line
              key={limit}
              className={styles.limit}
              x1={50 + 35 * x}
              y1={48 + 35 * y}
              x2={50 + 45 * x}
              y2={48 + 45 * y}
            />
          )
        })}
        <text x="50" y="47" className={styles.value}>
          {value === null ? '–' : share(value, lang, value >= 10 ? 0 : 1).replace('\u202f', '')}
        </text>
      </svg>
      <span className={styles.caption}>
        {colour ? <span className={styles.sign}>{statusSigns[colour]}</span> : null} {caption}
      </span>
    </>
  )
  const shared = { className: styles.dial, 'data-colour': colour ?? undefined, title: why ?? label }
  return onOpen && value !== null ? (
    <button type="button" {...shared} aria-label={label} onClick={onOpen}>
      {face}
    </button>
  ) : (
    <span {...shared} role="img" aria-label={why ? `${label} ${why}` : label}>
      {face}
    </span>
  )
}
