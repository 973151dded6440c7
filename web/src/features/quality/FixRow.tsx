import { Link } from '@tanstack/react-router'
import { Tag } from 'antd'
import type { Fix } from '@/shared/api/quality'
import { amount, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { RuleLines } from '@/shared/quality/RuleLines'
import shared from '@/shared/quality/quality.module.css'
import { useView } from '@/shared/url/use-view'
import styles from './quality.module.css'

/** A record that fails rules: what each asks for, and the field that mends it in its place. */
export function FixRow({ fix }: { fix: Fix }) {
  const { t, lang, say } = useTexts()
  const view = useView()
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
        <span className={shared.points} title={t('quality.score')}>
          {share(fix.score, lang, 0)}
        </span>
      </div>
      <RuleLines
        of={fix.of}
        id={fix.id}
        rules={fix.rules}
        otherwise={
          <Link to={path as never} search={view as never}>
            {t('quality.open')}
          </Link>
        }
      />
    </li>
  )
}
