import { Link } from '@tanstack/react-router'
import { Button, Tag } from 'antd'
import { useState } from 'react'
import { useMay } from '@/shared/api/queries'
import type { Fix, FixRule } from '@/shared/api/quality'
import { amount, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { useAsOf } from '@/shared/url/use-question'
import { useView } from '@/shared/url/use-view'
import { MendField } from './MendField'
import styles from './quality.module.css'

/** A record that fails rules: what each asks for, and the field that mends it in its place. */
export function FixRow({ fix }: { fix: Fix }) {
  const { t, lang, say } = useTexts()
  const view = useView()
  const { past } = useAsOf()
  const mayEdit = useMay(fix.of === 'deal' ? 'edit_deals' : 'edit_customers')
  const [mending, setMending] = useState<string | null>(null)
  const path = fix.of === 'deal' ? `/deals/${fix.id}` : `/customers/${fix.id}`
  const money = { currency: fix.currency ?? null, decimals: fix.decimals ?? 2 }
  const facts = [
    fix.account?.name,
    say(fix.stage_name),
    fix.owner?.name ?? t('quality.nobody'),
    typeof fix.amount_minor === 'number' ? amount(fix.amount_minor, money, lang) : null,
  ]
  return (
    <li>
      <div className={styles.fixHead}>
        <Tag>{t(fix.of === 'deal' ? 'quality.deal' : 'quality.customer')}</Tag>
        <Link to={path as never} search={view as never}>
          {fix.name ?? `#${fix.id}`}
        </Link>
        <span className={styles.soft}>{facts.filter(Boolean).join(' · ')}</span>
        <span className={styles.points} title={t('quality.score')}>
          {share(fix.score, lang, 0)}
        </span>
      </div>
      <ul className={styles.rules}>
        {fix.rules.map((rule) => (
          <li key={rule.key}>
            <span className={styles.what}>{say(rule.name)}</span>
            <span className={styles.soft}>{say(rule.advice)}</span>
            <Mend rule={rule} path={path} canEdit={mayEdit && !past} onMend={() => setMending(rule.field ?? null)} />
            {mending !== null && mending === rule.field ? (
              <MendField of={fix.of} id={fix.id} field={rule.field} onClose={() => setMending(null)} />
            ) : null}
          </li>
        ))}
      </ul>
    </li>
  )
}

type MendProps = { rule: FixRule; path: string; canEdit: boolean; onMend: () => void }

/** Mends here, where one field does; otherwise leads to the record. */
function Mend({ rule, path, canEdit, onMend }: MendProps) {
  const { t, say } = useTexts()
  const view = useView()
  if (rule.field && canEdit) {
    return (
      <Button size="small" onClick={onMend} aria-label={`${t('quality.mend')} ${say(rule.name)}`}>
        {t('quality.mend')}
      </Button>
    )
  }
  return (
    <Link to={path as never} search={view as never}>
      {t('quality.open')}
    </Link>
  )
}
