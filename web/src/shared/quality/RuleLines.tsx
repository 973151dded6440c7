import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { type ReactNode, useState } from 'react'
import { useMay } from '@/shared/api/queries'
import type { FixRule } from '@/shared/api/quality'
import { useTexts } from '@/shared/i18n/i18n'
import { useAsOf } from '@/shared/url/use-question'
import { useView } from '@/shared/url/use-view'
import { MendField } from './MendField'
import styles from './quality.module.css'

type Props = {
  of: 'deal' | 'customer'
  id: number
  rules: readonly FixRule[]
  /** What stands beside a rule that no field of the record mends, or that the reader may not mend. */
  otherwise?: ReactNode
}

/** Rules that another page mends: what is one thing twice is merged there, or told to be two. */
const pages: Record<string, string> = { customer_alike: '/data/duplicates' }

/** What a record fails, what to do about each, and the field that mends it in its place. */
export function RuleLines({ of, id, rules, otherwise = null }: Props) {
  const { t, say } = useTexts()
  const { past } = useAsOf()
  const mayEdit = useMay(of === 'deal' ? 'edit_deals' : 'edit_customers')
  const [mending, setMending] = useState<string | null>(null)
  return (
    <ul className={styles.rules}>
      {rules.map((rule) => (
        <li key={rule.key}>
          <span className={styles.what}>{say(rule.name)}</span>
          <span className={styles.soft}>{say(rule.advice)}</span>
          {rule.field && mayEdit && !past ? (
            <Button
              size="small"
              onClick={() => setMending(rule.key)}
              aria-label={`${t('quality.mend')} ${say(rule.name)}`}
            >
              {t('quality.mend')}
            </Button>
          ) : pages[rule.key] && !past ? (
            <Elsewhere page={pages[rule.key] as string}>{otherwise}</Elsewhere>
          ) : (
            otherwise
          )}
          {mending === rule.key && rule.field ? (
            <MendField of={of} id={id} field={rule.field} onClose={() => setMending(null)} />
          ) : null}
        </li>
      ))}
    </ul>
  )
}

/** The page that mends what no field does; `children` where there is none, or whoever reads may not there. */
function Elsewhere({ page, children }: { page: string; children: ReactNode }) {
  const { t } = useTexts()
  const view = useView()
  const mayMerge = useMay('import')
  if (!mayMerge) return children
  return (
    <Link to={page as never} search={view as never}>
      {t('pages.duplicates')}
    </Link>
  )
}
