import { Checkbox, Input } from 'antd'
import { useSession } from '@/shared/api/queries'
import type { DealPage, Values } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { FieldInput } from '@/shared/records/FieldInput'
import { isNamed } from '@/shared/records/values'
import { Labelled } from './Labelled'
import styles from './MoveDialog.module.css'
import type { Need } from './missing'
import { NeedText } from './PathPanel'

type GateProps = {
  page: DealPage
  gate: readonly Need[]
  filled: Values
  errors: Record<string, string>
  onFill: (name: string, value: unknown) => void
  onProblem: (name: string, problem: string | null) => void
  override: string | undefined
  onOverride: (text: string | undefined) => void
}

/** What is missing, to be filled in on the spot; a manager may pass with a reason instead. */
export function GateForm({ page, gate, filled, errors, onFill, onProblem, override, onOverride }: GateProps) {
  const { t, say } = useTexts()
  const { user } = useSession()
  const money = { currency: page.currency ?? null, decimals: page.decimals ?? 2 }
  const done = (filled.actions_done as string[] | undefined) ?? []
  const overriding = override !== undefined
  return (
    <fieldset className={styles.gate}>
      <legend>{t('deal.gateTitle')}</legend>
      {overriding ? null : (
        <>
          <span className={styles.help}>{t('deal.gateFill')}</span>
          {gate.map((need) =>
            need.kind === 'field' ? (
              <Labelled key={need.key} label={need.field ? say(need.field.label) : need.key} error={errors[need.key]}>
                {(id) => (
                  <FieldInput
                    id={id}
                    field={need.field ?? { type: 'text', of: null }}
                    value={filled[need.key] ?? null}
                    label={need.field ? say(need.field.label) : need.key}
                    money={money}
                    customer={isNamed(filled.account) ? filled.account.id : page.account?.id}
                    onChange={(value) => onFill(need.key, value)}
                    onProblem={(problem) => onProblem(need.key, problem)}
                  />
                )}
              </Labelled>
            ) : need.kind === 'action' ? (
              <Checkbox
                key={need.key}
                checked={done.includes(need.key)}
                onChange={(event) =>
                  onFill(
                    'actions_done',
                    event.target.checked ? [...done, need.key] : done.filter((one) => one !== need.key),
                  )
                }
              >
                {t('deal.action', { name: need.key })}
              </Checkbox>
            ) : (
              <span key={need.key}>
                ▲ <NeedText need={need} />
              </span>
            ),
          )}
        </>
      )}
      {user.roles.includes('manager') ? (
        <Checkbox checked={overriding} onChange={(event) => onOverride(event.target.checked ? '' : undefined)}>
          {t('deal.override')}
        </Checkbox>
      ) : null}
      {overriding ? (
        <Labelled label={t('deal.overrideReason')} error={errors.override_reason}>
          {(id) => <Input.TextArea id={id} value={override} onChange={(event) => onOverride(event.target.value)} />}
        </Labelled>
      ) : null}
    </fieldset>
  )
}
