import { EllipsisOutlined, MenuFoldOutlined, MenuUnfoldOutlined } from '@ant-design/icons'
import { Link, useLocation } from '@tanstack/react-router'
import { Button, Dropdown } from 'antd'
import { useState } from 'react'
import { useSession } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { useMedia } from '@/shared/ui/use-media'
import { useView } from '@/shared/url/use-view'
import { mayUse, type PageEntry, pages } from '../pages'
import styles from './Rail.module.css'

type NavEntry = PageEntry & { nav: NonNullable<PageEntry['nav']> }

/**
 * The pages that exist and that this person may use. A part of another page stands for itself where that one may not be
 * used.
 */
export function useNavigation(): NavEntry[] {
  const { may } = useSession()
  const mine = pages.filter((page) => mayUse(page, may))
  return mine.flatMap((page) => {
    if (page.nav) return [{ ...page, nav: page.nav }]
    const whole = pages.find((other) => other.path === page.part?.of)
    if (!page.part || !whole?.nav || mine.includes(whole)) return []
    return [{ ...page, nav: { name: page.part.name, icon: whole.nav.icon } }]
  })
}

/** The pages of one entry of the navigation that this person may use, if the page at `path` is one of several. */
export function usePartsBeside(path: string): (PageEntry & { part: NonNullable<PageEntry['part']> })[] {
  const { may } = useSession()
  const whole = pages.find((page) => page.path === path)?.part?.of
  if (!whole) return []
  return pages.flatMap((page) => (page.part?.of === whole && mayUse(page, may) ? [{ ...page, part: page.part }] : []))
}

const foldKey = 'loudou.rail'

export function Rail() {
  const { t } = useTexts()
  const narrow = useMedia('(max-width: 1099px)')
  const [folded, setFolded] = useState(() => localStorage.getItem(foldKey) === 'folded')
  const navigation = useNavigation()
  const small = narrow || folded
  const fold = () => {
    localStorage.setItem(foldKey, folded ? 'open' : 'folded')
    setFolded(!folded)
  }
  return (
    <nav className={styles.rail} data-folded={small || undefined} aria-label={t('frame.navigation')}>
      <div className={styles.brand}>
        <img src="/icon.svg" alt="" width={26} height={26} />
        {small ? null : <span>{t('product')}</span>}
      </div>
      <ul className={styles.list}>
        {navigation.map((page) => (
          <li key={page.path}>
            <NavLink page={page} words={!small} />
          </li>
        ))}
      </ul>
      {narrow ? null : (
        <Button
          type="text"
          className={styles.fold}
          aria-label={t(folded ? 'frame.unfold' : 'frame.fold')}
          title={t(folded ? 'frame.unfold' : 'frame.fold')}
          icon={folded ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
          onClick={fold}
        />
      )}
    </nav>
  )
}

function NavLink({ page, words }: { page: NavEntry; words: boolean }) {
  const { t } = useTexts()
  const view = useView()
  const name = t(`pages.${page.nav.name}`)
  const path = useLocation({ select: (location) => location.pathname })
  const isPart = usePartsBeside(path).some((part) => part.part.of === page.path)
  return (
    <Link
      to={page.path as never}
      search={view as never}
      className={styles.link}
      aria-current={isPart ? 'page' : undefined}
      activeProps={{ 'aria-current': 'page' }}
      activeOptions={{ exact: page.path === '/', includeSearch: false }}
      title={words ? undefined : name}
      aria-label={words ? undefined : name}
    >
      {page.nav.icon}
      {words ? <span>{name}</span> : null}
    </Link>
  )
}

const atOnce = 4

/** On a phone: the first pages at the bottom, the others behind "more". */
export function BottomBar() {
  const { t } = useTexts()
  const view = useView()
  const navigation = useNavigation()
  const rest = navigation.length > atOnce + 1 ? navigation.slice(atOnce) : []
  const shown = rest.length ? navigation.slice(0, atOnce) : navigation
  return (
    <nav className={styles.bottom} aria-label={t('frame.navigation')}>
      {shown.map((page) => (
        <NavLink key={page.path} page={page} words />
      ))}
      {rest.length ? (
        <Dropdown
          trigger={['click']}
          placement="topRight"
          menu={{
            items: rest.map((page) => ({
              key: page.path,
              icon: page.nav.icon,
              label: (
                <Link to={page.path as never} search={view as never}>
                  {t(`pages.${page.nav.name}`)}
                </Link>
              ),
            })),
          }}
        >
          <button type="button" className={styles.link}>
            <EllipsisOutlined />
            <span>{t('frame.moreNav')}</span>
          </button>
        </Dropdown>
      ) : null}
    </nav>
  )
}
