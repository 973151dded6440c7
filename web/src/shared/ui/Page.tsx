import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMay, useMeta } from '../api/queries'
import { useTexts } from '../i18n/i18n'
import { useView } from '../url/use-view'
import { DataEnd } from './DataEnd'
import { NothingMatches, useNothingMatches } from './NothingMatches'
import { Notice } from './Notice'
import styles from './Page.module.css'

/** A page's head and body. `tools` are the choices that hold for the whole page. */
export function PageBody({ title, tools, children }: { title: string; tools?: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{title}</h1>
        <div className={styles.tools}>{tools}</div>
      </header>
      {children}
    </div>
  )
}

/**
 * Where there are no deals, analyses give way to the one sentence that leads on. Where the deals' story ends long before
 * the day one looks from, or no deal is as the filters say on that day, it is said above them: what was before counts.
 */
export function WithDeals({ children }: { children: ReactNode }) {
  const { t } = useTexts()
  const { deals } = useMeta()
  const nothingMatches = useNothingMatches()
  const mayImport = useMay('import')
  const view = useView()
  if (deals > 0) {
    return (
      <>
        <DataEnd />
        {nothingMatches ? <NothingMatches /> : null}
        {children}
      </>
    )
  }
  return (
    <Notice title={t('empty.title')} text={t(mayImport ? 'empty.importLine' : 'empty.askLine')}>
      {mayImport ? (
        <Link to={'/imports' as never} search={view as never}>
          {t('empty.import')}
        </Link>
      ) : null}
    </Notice>
  )
}
