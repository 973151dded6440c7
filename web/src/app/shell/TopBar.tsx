import { SearchOutlined } from '@ant-design/icons'
import { Button, Select, Tag } from 'antd'
import { useMeta, useSession } from '@/shared/api/queries'
import { counted } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { LanguageButton, ThemeButton } from '@/shared/ui/Preferences'
import { usePhone } from '@/shared/ui/use-media'
import { lastTold, useProcess } from '@/shared/url/use-question'
import { useSetAddress, useView } from '@/shared/url/use-view'
import { Filters } from './Filters'
import { PersonMenu } from './PersonMenu'
import { TimeMachine } from './TimeMachine'
import { useScopeChoices } from './use-scope-choices'
import styles from './TopBar.module.css'

export function TopBar({ onSearch }: { onSearch: () => void }) {
  const { t } = useTexts()
  const phone = usePhone()
  const { demo, may } = useSession()
  const asks = may.includes('analyse')
  return (
    <header className={styles.bar}>
      {asks ? (
        <div className={styles.view} role="toolbar" aria-label={t('frame.toolbar')}>
          <ProcessSelect />
          <TimeMachine />
          <ScopeSelect />
          <Filters />
        </div>
      ) : (
        <span />
      )}
      <div className={styles.own}>
        {demo ? <Tag className={styles.demo}>{t('frame.demo')}</Tag> : null}
        <Button
          type={phone ? 'text' : 'default'}
          icon={<SearchOutlined />}
          onClick={onSearch}
          aria-label={t('frame.search')}
          aria-keyshortcuts="Control+K Meta+K"
          className={styles.search}
        >
          {phone ? null : <kbd>{shortcut}</kbd>}
        </Button>
        {phone ? null : (
          <>
            <LanguageButton />
            <ThemeButton />
          </>
        )}
        <PersonMenu preferences={phone} />
      </div>
    </header>
  )
}

const shortcut = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K'

function ProcessSelect() {
  const { t, lang, say } = useTexts()
  const { processes, today } = useMeta()
  const setAddress = useSetAddress()
  const process = useProcess()
  if (!process) return null
  if (processes.length === 1) return <span className={styles.only}>{say(process.name)}</span>
  return (
    <Select
      aria-label={t('frame.process')}
      variant="filled"
      className={styles.process}
      popupMatchSelectWidth={false}
      value={process.key}
      options={processes.map((one) => ({
        value: one.key,
        label: say(one.name),
        told: t('frame.processDeals', { name: say(one.name), ...counted(one.deals, lang) }),
      }))}
      optionRender={(option) => option.data.told}
      // A condition on one process's stages means nothing in another; filters by member stay.
      onChange={(key) =>
        void setAddress({ process: key, stage: undefined, where: undefined, as_of: lastTold(processes, key, today) })
      }
    />
  )
}

function ScopeSelect() {
  const { t } = useTexts()
  const { scope } = useView()
  const setAddress = useSetAddress()
  const choices = useScopeChoices(scope)
  if (choices.length < 2) return null
  return (
    <Select
      aria-label={t('frame.scope')}
      variant="filled"
      className={styles.scope}
      popupMatchSelectWidth={false}
      value={scope ?? ''}
      options={choices}
      onChange={(value) => void setAddress({ scope: value || undefined })}
    />
  )
}
