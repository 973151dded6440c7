import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { useMay, useMeta } from '../api/queries'
import { date } from '../format/dates'
import { useTexts } from '../i18n/i18n'
import { useAsOf, useProcess } from '../url/use-question'
import { useSetAddress, useView } from '../url/use-view'
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
  const { t, lang } = useTexts()
  const { deals } = useMeta()
  const nothingMatches = useNothingMatches()
  const mayImport = useMay('import')
  const view = useView()
  const first = useProcess()?.first_day
  const { asOf } = useAsOf()
  const setAddress = useSetAddress()
  // Charts of nothing have axes without a meaning.
  if (deals > 0 && first && asOf < first) {
    return (
      <Notice
        title={t('empty.beforeData', { day: date(asOf, lang) })}
        text={t('empty.beforeDataText', { day: date(first, lang) })}
      >
        <Button type="primary" onClick={() => void setAddress({ as_of: first })}>
          {t('empty.lookThere')}
        </Button>
        <Button onClick={() => void setAddress({ as_of: undefined })}>{t('frame.backToToday')}</Button>
      </Notice>
    )
  }
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
