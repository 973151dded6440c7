import { useMutation } from '@tanstack/react-query'
import { App, Button, InputNumber, Modal, Switch } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import type { QualityRule } from '@/shared/api/quality'
import { useMay } from '@/shared/api/queries'
import { useTexts } from '@/shared/i18n/i18n'
import { useMended } from '@/shared/quality/use-mended'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { Skeleton } from '@/shared/ui/Skeleton'
import { type Change, changed, changesOf, settingsOf, shownThreshold, storedThreshold } from './settings'
import styles from './quality.module.css'
import { useRules } from './use-quality'

/** The rules: which are asked, how much each counts, from where on it fails. */
export function RulesDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTexts()
  const rules = useRules()
  return (
    <Modal
      open
      title={t('quality.rules')}
      width="min(960px, 96vw)"
      footer={null}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      {rules.isError ? <ProblemLine error={rules.error} /> : null}
      {rules.data ? <Form rules={rules.data.rows} onClose={onClose} /> : <Skeleton height={300} />}
    </Modal>
  )
}

function Form({ rules, onClose }: { rules: readonly QualityRule[]; onClose: () => void }) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const mayConfigure = useMay('configure')
  const mended = useMended()
  const [changes, setChanges] = useState<Record<string, Change>>(() => changesOf(rules))
  const save = useMutation({
    mutationFn: () => ok(api.PUT('/api/v1/quality/rules', { body: { rules: settingsOf(rules, changes) } })),
    onSuccess: () => {
      void message.success(t('quality.rulesSaved'))
      void mended()
      onClose()
    },
  })
  const set = (key: string, change: Partial<Change>) =>
    setChanges((before) => ({ ...before, [key]: { ...(before[key] as Change), ...change } }))
  return (
    <div className={styles.stack}>
      <p className={styles.soft}>{t(mayConfigure ? 'quality.rulesHelp' : 'quality.rulesRead')}</p>
      <Scroller style={{ maxHeight: '60vh' }}>
        <table className={styles.table} aria-label={t('quality.rules')}>
          <thead>
            <tr>
              <th scope="col">{t('quality.per.rule')}</th>
              <th scope="col">{t('quality.per.class')}</th>
              <th scope="col">{t('quality.on')}</th>
              <th scope="col">{t('quality.weight')}</th>
              <th scope="col">{t('quality.threshold')}</th>
            </tr>
          </thead>
          <tbody>
            {rules.map((rule) => (
              <RuleRow
                key={rule.key}
                rule={rule}
                change={changes[rule.key] as Change}
                disabled={!mayConfigure}
                onChange={(change) => set(rule.key, change)}
              />
            ))}
          </tbody>
        </table>
      </Scroller>
      {save.isError ? <ProblemLine error={save.error} /> : null}
      {mayConfigure ? (
        <div className={styles.actions}>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            type="primary"
            loading={save.isPending}
            disabled={!changed(rules, changes)}
            onClick={() => save.mutate()}
          >
            {t('common.save')}
          </Button>
        </div>
      ) : null}
    </div>
  )
}

type RowProps = { rule: QualityRule; change: Change; disabled: boolean; onChange: (change: Partial<Change>) => void }

function RuleRow({ rule, change, disabled, onChange }: RowProps) {
  const { t, say } = useTexts()
  const name = say(rule.name)
  const unit = rule.unit === 'percent' ? '%' : t(rule.unit === 'days' ? 'quality.daysUnit' : 'quality.pointsUnit')
  return (
    <tr>
      <th scope="row" title={say(rule.advice)}>
        {name}
      </th>
      <td>{t(`quality.class.${rule.class}`)}</td>
      <td>
        <Switch
          size="small"
          disabled={disabled}
          aria-label={`${t('quality.on')} ${name}`}
          checked={change.on}
          onChange={(on) => onChange({ on })}
        />
      </td>
      <td>
        <InputNumber
          size="small"
          min={0}
          max={100}
          precision={0}
          disabled={disabled || !change.on}
          aria-label={`${t('quality.weight')} ${name}`}
          value={change.weight}
          onChange={(weight) => onChange({ weight: weight ?? rule.built_in_weight })}
        />
      </td>
      <td>
        {typeof change.threshold === 'number' ? (
          <InputNumber
            size="small"
            min={0}
            max={100_000}
            precision={0}
            disabled={disabled || !change.on}
            aria-label={`${t('quality.threshold')} ${name}`}
            title={rule.unit === 'days' ? t('quality.daysHelp') : undefined}
            value={shownThreshold(rule, change.threshold)}
            suffix={unit}
            onChange={(value) => onChange({ threshold: storedThreshold(rule, value) })}
          />
        ) : null}
      </td>
    </tr>
  )
}
