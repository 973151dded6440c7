import { Tabs } from 'antd'
import { useMay, useMeta } from '@/shared/api/queries'
import { count, counted } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { PageBody } from '@/shared/ui/Page'
import { useAddressValue } from '@/shared/url/use-view'
import { AccessLog } from './AccessLog'
import { Account } from './Account'
import styles from './Settings.module.css'
import { OwnFields } from './OwnFields'
import { Rates } from './Rates'
import { Teams } from './Teams'
import { Tokens } from './Tokens'
import { Users } from './Users'

/** One's own account for everybody; users, teams, tokens and the log for whoever administers. */
export function Page() {
  const { t } = useTexts()
  const administers = useMay('administer')
  const configures = useMay('configure')
  const analyses = useMay('analyse')
  const [tab, setTab] = useAddressValue('tab')
  const items = [
    { key: 'account', label: t('settings.account'), children: <Account /> },
    ...(administers
      ? [
          { key: 'users', label: t('settings.users'), children: <Users /> },
          { key: 'teams', label: t('settings.teams'), children: <Teams /> },
          { key: 'tokens', label: t('settings.tokens'), children: <Tokens all /> },
          { key: 'log', label: t('settings.log'), children: <AccessLog /> },
        ]
      : []),
    ...(analyses
      ? [
          { key: 'organisation', label: t('settings.organisation'), children: <Organisation /> },
          { key: 'rates', label: t('settings.rates'), children: <Rates /> },
        ]
      : []),
    ...(configures || administers ? [{ key: 'fields', label: t('fields.title'), children: <OwnFields /> }] : []),
  ]
  return (
    <PageBody title={t('pages.settings')}>
      <Tabs
        activeKey={items.some((one) => one.key === tab) ? tab : 'account'}
        items={items}
        onChange={setTab}
        destroyOnHidden
      />
    </PageBody>
  )
}

function Organisation() {
  const { t, lang, say } = useTexts()
  const { organisation, deals, processes } = useMeta()
  return (
    <section className={`${styles.panel} ${styles.stack}`}>
      <p className={styles.soft}>{t('settings.orgHelp')}</p>
      <dl className={styles.facts}>
        <dt>{t('settings.orgName')}</dt>
        <dd>{organisation.name}</dd>
        <dt>{t('firstRun.zone')}</dt>
        <dd>{organisation.zone}</dd>
        <dt>{t('firstRun.currency')}</dt>
        <dd>{organisation.currency}</dd>
        <dt>{t('firstRun.fiscal')}</dt>
        <dd>{t('firstRun.month', { n: organisation.fiscal_start_month })}</dd>
        <dt>{t('settings.orgDeals')}</dt>
        <dd>{count(deals, lang)}</dd>
      </dl>
      <h2>{t('settings.processes')}</h2>
      <dl className={styles.facts}>
        {processes.map((process) => (
          <div key={process.key} style={{ display: 'contents' }}>
            <dt>{say(process.name)}</dt>
            <dd>
              {t('settings.stagesOf', counted(process.stages.length, lang))} ·{' '}
              {t('common.dealCount', counted(process.deals, lang))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
