import type { ReactNode } from 'react'
import { useTexts } from '../i18n/i18n'
import styles from './Door.module.css'
import { LanguageButton, ThemeButton } from './Preferences'

/** The page before the frame: one calm card, with language and theme at hand. */
export function Door({ title, line, children }: { title: string; line: string; children: ReactNode }) {
  const { t } = useTexts()
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <span className={styles.brand}>
          <img src="/icon.svg" alt="" width={28} height={28} />
          {t('product')}
        </span>
        <span>
          <LanguageButton />
          <ThemeButton />
        </span>
      </header>
      <main className={styles.card}>
        <h1>{title}</h1>
        <p className={styles.line}>{line}</p>
        {children}
      </main>
    </div>
  )
}
