import type { CSSProperties } from 'react'
import { useTexts } from '../i18n/i18n'
import styles from './Skeleton.module.css'

/** A quiet grey shape of what is coming, of its final size, so that nothing jumps. */
export function Skeleton({
  height,
  width,
  style,
}: {
  height?: number | string
  width?: number | string
  style?: CSSProperties
}) {
  return <span className={styles.bone} style={{ height: height ?? '100%', width: width ?? '100%', ...style }} />
}

/** Told once to those who listen, for a whole group of shapes. */
export function Waiting({ children }: { children: React.ReactNode }) {
  const { t } = useTexts()
  return (
    <div aria-busy="true" aria-live="polite" className={styles.waiting}>
      <span className="hidden-visually">{t('common.loading')}</span>
      {children}
    </div>
  )
}
