import { Button, Popconfirm } from 'antd'
import type { Target } from '@/shared/api/records'
import { date } from '@/shared/format/dates'
import { amountExact, asNumber, count, undefinedMark, withUnit } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { dimensions } from './periods'
import styles from './TargetsPage.module.css'
import { useTargetChange } from './use-targets'

const most = 100

/** Targets that fit into no cell of the grid: of other periods, or of several dimensions at once. */
export function OtherTargets({ targets, editable }: { targets: readonly Target[]; editable: boolean }) {
  const { t, lang } = useTexts()
  const change = useTargetChange()
  if (targets.length === 0) return null
  return (
    <details className={styles.others}>
      <summary>{withUnit(t('targets.other'), count(targets.length, lang), lang)}</summary>
      <p className={styles.line}>{t('targets.otherHelp')}</p>
      {change.isError ? <ProblemLine error={change.error} /> : null}
      <table>
        <thead>
          <tr>
            <th scope="col">{t('targets.period')}</th>
            <th scope="col">{t('targets.whose')}</th>
            <th scope="col">{t('frame.process')}</th>
            <th scope="col" data-numeric>
              {t('targets.amount')}
            </th>
            <th scope="col" data-numeric>
              {t('targets.deals')}
            </th>
            {editable ? <th scope="col" aria-label={t('targets.remove')} /> : null}
          </tr>
        </thead>
        <tbody>
          {targets.slice(0, most).map((target) => {
            const minor = asNumber(target.amount_minor)
            const money = { currency: target.currency ?? null, decimals: target.decimals ?? 2 }
            const names = dimensions.flatMap((dimension) => target[dimension]?.name ?? [])
            return (
              <tr key={target.id}>
                <td>
                  {[target.from_on, target.to_on].map((day) => (day ? date(day, lang) : undefinedMark)).join(' – ')}
                </td>
                <td>{names.join(' · ') || t('targets.whole')}</td>
                <td>{target.process ?? t('targets.anyProcess')}</td>
                <td data-numeric>{minor === null ? undefinedMark : amountExact(minor, money, lang)}</td>
                <td data-numeric>{target.deals == null ? undefinedMark : count(target.deals, lang)}</td>
                {editable ? (
                  <td>
                    <Popconfirm
                      title={t('targets.removeSure')}
                      okText={t('common.remove')}
                      onConfirm={() => change.mutate({ target, values: null, key: '' })}
                    >
                      <Button type="text" size="small" danger>
                        {t('common.remove')}
                      </Button>
                    </Popconfirm>
                  </td>
                ) : null}
              </tr>
            )
          })}
        </tbody>
      </table>
      {targets.length > most ? <p className={styles.line}>{t('common.rest', { n: targets.length - most })}</p> : null}
    </details>
  )
}
