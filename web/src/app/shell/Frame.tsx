import { Outlet } from '@tanstack/react-router'
import { Suspense, useEffect, useState } from 'react'
import { useMeta, useSession } from '@/shared/api/queries'
import { DrillProvider } from '@/shared/drill/DrillProvider'
import { useTexts } from '@/shared/i18n/i18n'
import { usePhone } from '@/shared/ui/use-media'
import { AddressNotices } from './AddressNotices'
import styles from './Frame.module.css'
import { Parts } from './Parts'
import { PastLine } from './PastLine'
import { BottomBar, Rail } from './Rail'
import { SearchPalette } from './SearchPalette'
import { TopBar } from './TopBar'
import { useDefaultProcess } from './use-default-process'

/** Rail, top bar and the page between them. Reads the session and the organisation once for all pages. */
export function Frame() {
  const { t } = useTexts()
  const phone = usePhone()
  const [searching, setSearching] = useState(false)
  const [wrong, dismissWrong] = useDefaultProcess()
  useDocumentTitle()
  useShortcut(() => setSearching(true))
  return (
    <DrillProvider>
      <a className={styles.skip} href="#page">
        {t('frame.skip')}
      </a>
      <div className={styles.frame}>
        {phone ? null : <Rail />}
        <div className={styles.body}>
          <TopBar onSearch={() => setSearching(true)} />
          <AddressNotices wrong={wrong} onDismiss={dismissWrong} />
          <PastLine />
          <main id="page" className={styles.page} tabIndex={-1}>
            <Parts />
            <Suspense>
              <Outlet />
            </Suspense>
          </main>
        </div>
        {phone ? <BottomBar /> : null}
      </div>
      {searching ? <SearchPalette onClose={() => setSearching(false)} /> : null}
    </DrillProvider>
  )
}

function useDocumentTitle() {
  const { t } = useTexts()
  const { organisation } = useMeta()
  useSession()
  useEffect(() => {
    document.title = organisation.name ? `${organisation.name} · ${t('product')}` : t('product')
  }, [organisation.name, t])
}

function useShortcut(open: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        open()
      }
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [open])
}
