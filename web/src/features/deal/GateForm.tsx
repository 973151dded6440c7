import { Checkbox, Input } from 'antd'
import { useSession } from '@/shared/api/queries'
import type { DealPage, Field, Need, Values } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { FieldInput } from '@/shared/records/FieldInput'
import { isNamed } from '@/shared/records/values'
import { useAsOf } from '@/shared/url/use-question'
import { Labelled } from './Labelled'
import styles from './MoveDialog.module.css'
import { fieldsOf, isAskedElsewhere, type Party } from './missing'
import { NeedText } from './PathPanel'

type GateProps = {
  page: DealPage
  gate: readonly Need[]
  filled: Values
  met: Readonly<Record<string, Party>>
  errors: Record<string, string>
  /** What was asked for and not filled in when the move was refused. */
  unmet: readonly Need[]
  onFill: (name: string, value: unknown) => void
  onMet: (role: string, party: Party | undefined) => void
  onProblem: (name: string, problem: string | null) => void
  override: string | undefined
  onOverride: (text: string | undefined) => void
}

/** What is missing, to be filled in on the spot; a manager may pass with a reason instead. */
export function GateForm(props: GateProps) {
  const { gate, filled, met, unmet, onFill, onMet, override, onOverride } = props
  const { t, say } = useTexts()
  const { user } = useSession()
  const done = (filled.actions_done as string[] | undefined) ?? []
  const overriding = override !== undefined
  const lackOf = (need: Need) => (unmet.includes(need) ? t('deal.untold.need') : undefined)
  const errors = { ...props.errors }
  for (const need of unmet) if (need.kind === 'field') errors[need.key] ??= t('deal.untold.need')
  return (
    <fieldset className={styles.gate}>
      <legend>{t('deal.gateTitle')}</legend>
      {overriding ? null : (
        <>
          <span className={styles.help}>{t('deal.gateFill')}</span>
          {gate.map((need) => {
            switch (need.kind) {
              case 'field':
                return <Fields key={need.key} {...props} errors={errors} need={need} />
              case 'action':
                return (
                  <div key={need.key} className={styles.field}>
                    <Checkbox
                      checked={done.includes(need.key)}
                      onChange={(event) =>
                        onFill(
                          'actions_done',
                          event.target.checked ? [...done, need.key] : done.filter((one) => one !== need.key),
                        )
                      }
                    >
                      {say(need.name)}
                    </Checkbox>
                    <Lack text={lackOf(need)} />
                  </div>
                )
              case 'role':
                return (
                  <Met
                    key={need.key}
                    need={need}
                    party={met[need.key]}
                    error={lackOf(need) ?? errors.parties}
                    onChange={(party) => onMet(need.key, party)}
                  />
                )
              default:
                // What its fields, asked for above, have to come to.
                return isAskedElsewhere(need, gate) ? (
                  <span key={need.key} className={styles.help}>
                    ▲ {t('deal.mustHold', { text: say(need.name) })}
                  </span>
                ) : (
                  <div key={need.key} className={styles.fields}>
                    <span>
                      ▲ <NeedText need={need} />
                    </span>
                    <Fields {...props} need={need} but={gate} />
                  </div>
                )
            }
          })}
        </>
      )}
      {user.roles.includes('manager') ? (
        <Checkbox checked={overriding} onChange={(event) => onOverride(event.target.checked ? '' : undefined)}>
          {t('deal.override')}
        </Checkbox>
      ) : (
        <span className={styles.help}>{t('deal.overrideByManager')}</span>
      )}
      {overriding ? (
        <Labelled required label={t('deal.overrideReason')} error={errors.override_reason}>
          {(id) => (
            <Input.TextArea
              id={id}
              aria-required
              value={override}
              onChange={(event) => onOverride(event.target.value)}
            />
          )}
        </Labelled>
      ) : null}
    </fieldset>
  )
}

function Lack({ text }: { text: string | undefined }) {
  return text ? (
    <span className={styles.error} role="alert">
      {text}
    </span>
  ) : null
}

type FieldsProps = GateProps & { need: Need; but?: readonly Need[] }

/** The inputs for a need; without those that others of the gate ask for by themselves. */
function Fields({ page, need, but = [], filled, errors, onFill, onProblem }: FieldsProps) {
  const { say } = useTexts()
  const money = { currency: page.currency ?? null, decimals: page.decimals ?? 2 }
  const shown = fieldsOf(need, page.fields).filter((field) => !but.some((other) => other.key === field.name))
  const valueOf = (field: Field) => (field.name in filled ? filled[field.name] : field.value)
  return shown.map((field) => (
    <Labelled key={field.name} label={say(field.label)} error={errors[field.name]}>
      {(id) => (
        <FieldInput
          id={id}
          field={field}
          value={valueOf(field)}
          label={say(field.label)}
          money={money}
          customer={isNamed(filled.account) ? filled.account.id : page.account?.id}
          onChange={(value) => onFill(field.name, value)}
          onProblem={(problem) => onProblem(field.name, problem)}
        />
      )}
    </Labelled>
  ))
}

type MetProps = { need: Need; party: Party | undefined; error?: string; onChange: (party: Party | undefined) => void }

/** Who of a buying role was met, and when. */
function Met({ need, party, error, onChange }: MetProps) {
  const { t, say } = useTexts()
  const { today } = useAsOf()
  const set = (change: Party) => {
    const next = { role: need.key, met_on: today, ...party, ...change }
    onChange(next.name?.trim() ? next : undefined)
  }
  return (
    <Labelled label={t('deal.metWhom', { role: say(need.name) })} error={error}>
      {(id) => (
        <div className={styles.met}>
          <Input
            id={id}
            autoComplete="off"
            placeholder={t('deal.metName')}
            value={party?.name ?? ''}
            onChange={(event) => set({ name: event.target.value })}
          />
          <Input
            type="date"
            aria-label={t('deal.metOn', { role: say(need.name) })}
            max={today}
            value={party?.met_on ?? today}
            onChange={(event) => set({ met_on: event.target.value })}
          />
        </div>
      )}
    </Labelled>
  )
}
