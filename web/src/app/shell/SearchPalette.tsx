import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Modal } from 'antd'
import { type KeyboardEvent, useDeferredValue, useId, useMemo, useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { date } from '@/shared/format/dates'
import { amount, asNumber } from '@/shared/format/format'
import { setLang, useTexts } from '@/shared/i18n/i18n'
import { useTheme } from '@/shared/theme/theme'
import { useSetAddress, useView } from '@/shared/url/use-view'
import { pages } from '../pages'
import { useNavigation } from './Rail'
import styles from './SearchPalette.module.css'

type Member = { id: number; name: string } | null | undefined

type Hit = { key: string; group: string; text: string; more?: string; run: () => void }

/** One field for records, pages and actions. Arrows choose, Enter opens, Esc closes. */
export function SearchPalette({ onClose }: { onClose: () => void }) {
  const { t } = useTexts()
  const [typed, setTyped] = useState('')
  const q = useDeferredValue(typed.trim())
  const [at, setAt] = useState(0)
  const list = useId()
  const hits = [...usePlaces(q), ...useRecords(q)]
  const chosen = Math.min(at, hits.length - 1)

  const run = (hit: Hit | undefined) => {
    if (!hit) return
    onClose()
    hit.run()
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, hits.length - 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0))
    else if (event.key === 'Enter') run(hits[chosen])
    else return
    event.preventDefault()
  }
  return (
    <Modal open onCancel={onClose} footer={null} closable={false} width={560} style={{ top: 80 }} title={null}>
      <input
        // The field is what the dialog was opened for
        autoFocus
        className={styles.field}
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls={list}
        aria-activedescendant={hits[chosen] ? `${list}-${chosen}` : undefined}
        aria-label={t('frame.search')}
        placeholder={t('frame.searchHint')}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
        onKeyDown={keys}
      />
      <div id={list} role="listbox" aria-label={t('frame.search')} className={styles.hits}>
        {hits.map((hit, index) => (
          <div key={`${hit.group}${hit.key}`}>
            {hits[index - 1]?.group === hit.group ? null : <div className={styles.group}>{hit.group}</div>}
            <div
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              className={styles.hit}
              onMouseMove={() => setAt(index)}
              onClick={() => run(hit)}
              onKeyDown={keys}
            >
              <span>{hit.text}</span>
              {hit.more ? <span className={styles.more}>{hit.more}</span> : null}
            </div>
          </div>
        ))}
        {hits.length === 0 && q ? <p className={styles.empty}>{t('frame.searchEmpty', { q })}</p> : null}
      </div>
    </Modal>
  )
}

/** Pages and actions whose name holds what was typed. */
function usePlaces(q: string): Hit[] {
  const { t, lang } = useTexts()
  const { theme, setTheme } = useTheme()
  const navigation = useNavigation()
  const navigate = useNavigate()
  const setAddress = useSetAddress()
  const view = useView()
  return useMemo(() => {
    const opened: Hit[] = navigation.map((page) => ({
      key: page.path,
      group: t('frame.searchPages'),
      text: t(`pages.${page.nav.name}`),
      run: () => void navigate({ to: page.path as never, search: view as never }),
    }))
    const action = (key: string, text: string, run: () => void): Hit => ({
      key,
      group: t('frame.searchActions'),
      text,
      run,
    })
    const actions = [
      action('lang', t('frame.switchLanguage'), () => setLang(lang === 'zh' ? 'en' : 'zh')),
      action('theme', theme === 'dark' ? t('frame.light') : t('frame.dark'), () =>
        setTheme(theme === 'dark' ? 'light' : 'dark'),
      ),
    ]
    if (view.as_of) actions.push(action('today', t('frame.backToToday'), () => void setAddress({ as_of: undefined })))
    if (view.f) actions.push(action('clear', t('frame.clearFilters'), () => void setAddress({ f: undefined })))
    const wanted = q.toLowerCase()
    return [...opened, ...actions].filter((hit) => hit.text.toLowerCase().includes(wanted))
  }, [t, lang, theme, setTheme, navigation, navigate, setAddress, view, q])
}

/**
 * What the server finds. A record without a page of its own opens the page that shows it: of a person its deals, of a
 * contact or a record of the chain the customer, else the deal, else the customer funnel, which counts it.
 */
function useRecords(q: string): Hit[] {
  const { t, say, lang } = useTexts()
  const navigate = useNavigate()
  const view = useView()
  const found = useQuery({
    queryKey: ['search', q],
    queryFn: ({ signal }) => ok(api.GET('/api/v1/search', { params: { query: { q } }, signal })),
    enabled: q.length > 0,
    placeholderData: keepPreviousData,
  }).data
  if (!q || !found) return []
  const hasPage = (path: string) => pages.some((page) => page.path === path)
  const open = (to: string) => () => void navigate({ to: to as never, search: view as never })
  const hits: Hit[] = []
  if (hasPage('/deals/$id')) {
    for (const deal of found.deals) {
      const more = [deal.account?.name, deal.stage ? say(deal.stage.name) : ''].filter(Boolean).join(' · ')
      hits.push({
        key: `${deal.id}`,
        group: t('frame.searchDeals'),
        text: deal.name ?? `#${deal.id}`,
        more,
        run: open(`/deals/${deal.id}`),
      })
    }
  }
  if (hasPage('/customers/$id')) {
    for (const one of found.customers) {
      hits.push({
        key: `${one.id}`,
        group: t('frame.searchCustomers'),
        text: one.name,
        run: open(`/customers/${one.id}`),
      })
    }
  }
  for (const person of found.people) {
    const run = () => void navigate({ to: '/' as never, search: { ...view, scope: `person:#${person.id}` } as never })
    hits.push({ key: `${person.id}`, group: t('frame.searchPeople'), text: person.name, run })
  }
  const at = (customer: Member, deal: Member, record: string) => () => {
    const to = customer ? `/customers/${customer.id}` : deal ? `/deals/${deal.id}` : '/customer-funnel'
    void navigate({ to: to as never, search: { ...view, ...(customer ? { record } : {}) } as never })
  }
  for (const { id, name, post, customer } of found.contacts) {
    hits.push({
      key: `${id}`,
      group: t('customers.contacts'),
      text: name ?? `#${id}`,
      more: [post, customer?.name].filter(Boolean).join(' · '),
      run: at(customer, null, `contact:${id}`),
    })
  }
  for (const hit of found.records) {
    const money = { currency: hit.currency ?? '', decimals: hit.decimals ?? 2 }
    const minor = asNumber(hit.amount_minor)
    const told = [
      hit.customer?.name ?? hit.opportunity?.name,
      hit.on ? date(hit.on, lang) : null,
      minor === null || !hit.currency ? null : amount(minor, money, lang),
    ]
    hits.push({
      key: `${hit.id}`,
      group: t(`chain.kinds.${hit.kind as 'lead'}`),
      text: hit.title ?? `#${hit.id}`,
      more: told.filter(Boolean).join(' · '),
      run: at(hit.customer, hit.opportunity, `${hit.kind}:${hit.id}`),
    })
  }
  return hits
}
