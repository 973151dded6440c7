import { Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { ApiProblem, told } from '@/shared/api/problem'
import type { DealPage, Values } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { useFieldErrors } from '@/shared/records/field-errors'
import { ProblemLine } from '@/shared/ui/Notice'
import { GateForm } from './GateForm'
import { Labelled } from './Labelled'
import styles from './MoveDialog.module.css'
import { isGated, isHeld, type Move, type Party, reasonWord, type Told, unfilled, untold, withMet } from './missing'
import { ReasonField } from './ReasonField'
import { useMove } from './use-move'

type Props = {
  page: DealPage
  move: Move
  reread: () => Promise<DealPage>
  onDone: () => void
  onClose: () => void
}

/** A move with all it asks for in one small form: what the gate lacks, the reason, and what the reason needs. */
export function MoveDialog({ page, move, reread, onDone, onClose }: Props) {
  const { t, say } = useTexts()
  const [told, setTold] = useState<Told>({})
  const [filled, setFilled] = useState<Values>({})
  const [met, setMet] = useState<Record<string, Party>>({})
  const [problems, setProblems] = useState<Record<string, string>>({})
  // What is lacking is told once somebody has tried.
  const [tried, setTried] = useState(false)
  // What the refusal, if one came, was about.
  const [was, setWas] = useState<'lacking' | 'whole' | 'overridden'>('lacking')
  const openStages = page.path.filter((stage) => stage.kind === 'open')
  const parked = page.outcome === 'parked'
  const [stage, setStage] = useState(
    openStages.find((one) => one.key === page.stage?.key)?.key ?? openStages[0]?.key ?? 'open',
  )
  const run = useMove({ page, reread, onDone, onClose })
  const refusals = useFieldErrors(run.error)
  const gate = isGated(move.where) ? (page.missing ?? []) : []
  const word = reasonWord(move.where, page)
  const reason = page.reasons.find((one) => one.code === told.reason)
  const lacking = untold(move.where, word, reason, told)
  const errors: Record<string, string> = tried
    ? { ...refusals, ...Object.fromEntries(lacking.map((name) => [name, t(`deal.untold.${name}`)])) }
    : refusals
  const set = (change: Told) => setTold((before) => ({ ...before, ...change }))

  const submit = () => {
    setWas(overriding ? 'overridden' : unmet.length ? 'lacking' : 'whole')
    const to = move.where === 'open' && !parked ? stage : move.to
    const known = page.fields.find((field) => field.name === 'parties')?.value
    const values = Object.keys(met).length ? { ...filled, parties: withMet(known, met) } : filled
    run.mutate({ to, filled: told.override_reason ? {} : values, told: kept(told) })
  }
  const nameOf = (key: string) => {
    const found = page.path.find((one) => one.key === key)
    return found ? say(found.name) : key
  }
  const overriding = told.override_reason !== undefined
  const unmet = overriding ? [] : unfilled(gate, filled, met)
  const isAtGate = run.error instanceof ApiProblem && run.error.code === 'gate' && gate.length > 0
  // Only where something stands beside ▲ may be pointed at; what else is refused, the server says.
  const isByHeld = was === 'whole' && gate.some(isHeld)
  const gateWord = unmet.length ? 'deal.gateMarked' : isByHeld && !overriding ? 'deal.gateHeld' : null
  const gateLine = isAtGate && gateWord ? t(gateWord) : null
  const isShownAtGate = isAtGate && (gateLine !== null || was === 'lacking' || isByHeld)
  const fieldsShown = new Set([
    ...(move.where === 'open' && !parked ? ['to'] : []),
    ...(word ? ['reason'] : []),
    ...(move.where === 'parked' ? ['next_contact_on'] : []),
    ...['competitor', 'obstacle', 'override_reason'],
    ...gate.flatMap((need) => (need.kind === 'role' ? ['parties'] : [need.key, ...(need.fields ?? [])])),
  ])
  const shownElsewhere = Object.keys(refusals).some((name) => fieldsShown.has(name))
  return (
    <Modal
      open
      title={titleOf(move, t, nameOf)}
      okText={okOf(move, t, nameOf)}
      // Not "cancel": that is how a deal may end.
      cancelText={t('common.back')}
      okButtonProps={{ danger: move.where === 'lost' || move.where === 'cancelled' }}
      confirmLoading={run.isPending}
      onOk={() => {
        setTried(true)
        if (Object.keys(problems).length === 0 && lacking.length === 0) submit()
      }}
      onCancel={onClose}
      mask={{ closable: false }}
      centered
      classNames={{ body: styles.body }}
    >
      <div className={styles.fields}>
        {gateLine ? (
          <p className={styles.atGate} role="alert">
            {gateLine}
          </p>
        ) : null}
        {move.where === 'open' && !parked ? (
          <Labelled label={t('deal.atStage')} error={errors.to}>
            {(id) => (
              <Select
                id={id}
                value={stage}
                options={openStages.map((one) => ({ value: one.key, label: say(one.name) }))}
                onChange={setStage}
              />
            )}
          </Labelled>
        ) : null}
        {gate.length ? (
          <GateForm
            page={page}
            gate={gate}
            filled={filled}
            met={met}
            onMet={(role, party) =>
              setMet(({ [role]: _, ...rest }) => (party === undefined ? rest : { ...rest, [role]: party }))
            }
            errors={{ ...errors, ...problems }}
            unmet={isAtGate ? unmet : []}
            onFill={(name, value) => setFilled((before) => ({ ...before, [name]: value }))}
            onProblem={(name, problem) =>
              setProblems(({ [name]: _, ...rest }) => (problem === null ? rest : { ...rest, [name]: problem }))
            }
            override={told.override_reason}
            onOverride={(text) => set({ override_reason: text })}
          />
        ) : null}
        {word ? (
          <ReasonField
            word={word}
            reasons={page.reasons}
            value={told.reason}
            error={errors.reason}
            onChange={(code) => set({ reason: code })}
          />
        ) : null}
        {reason?.needs === 'competitor' || errors.competitor ? (
          <Labelled required label={t('deal.competitor')} error={errors.competitor}>
            {(id) => (
              <Input
                id={id}
                aria-required
                value={told.competitor}
                onChange={(event) => set({ competitor: event.target.value })}
              />
            )}
          </Labelled>
        ) : null}
        {reason?.needs === 'obstacle' || errors.obstacle ? (
          <ReasonField
            word="obstacle"
            reasons={page.reasons}
            value={told.obstacle}
            error={errors.obstacle}
            onChange={(code) => set({ obstacle: code })}
          />
        ) : null}
        {move.where === 'parked' ? (
          <Labelled required label={t('deal.nextContact')} error={errors.next_contact_on}>
            {(id) => (
              <Input
                id={id}
                aria-required
                type="date"
                value={told.next_contact_on ?? ''}
                onChange={(event) => set({ next_contact_on: event.target.value || undefined })}
              />
            )}
          </Labelled>
        ) : null}
        {run.isError && !isShownAtGate && !shownElsewhere ? <Refused error={run.error} /> : null}
      </div>
    </Modal>
  )
}

type T = ReturnType<typeof useTexts>['t']

function titleOf(move: Move, t: T, nameOf: (key: string) => string): string {
  switch (move.where) {
    case 'won':
      return t('deal.winTitle')
    case 'lost':
      return t('deal.loseTitle')
    case 'cancelled':
      return t('deal.cancelTitle')
    case 'parked':
      return t('deal.parkTitle')
    case 'open':
      return t('deal.reopenTitle')
    default:
      return t('deal.moveTitle', { stage: nameOf(move.to) })
  }
}

function okOf(move: Move, t: T, nameOf: (key: string) => string): string {
  switch (move.where) {
    case 'won':
      return t('deal.win')
    case 'lost':
      return t('deal.lose')
    case 'cancelled':
      return t('deal.cancelTitle')
    case 'parked':
      return t('deal.parkTitle')
    case 'open':
      return t('deal.reopen')
    default:
      return t('deal.advance', { stage: nameOf(move.to) })
  }
}

/** Without what was left empty. */
function kept(told: Told): Told {
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value?.trim()))
}

/** What the server refused, each missing thing on a line of its own. */
function Refused({ error }: { error: unknown }) {
  const { lang } = useTexts()
  const { detail, errors } = error instanceof ApiProblem ? told(error.problem, lang) : { detail: '', errors: [] }
  // The first of them is the refusal itself.
  const missing = errors.filter((one) => one.message !== detail)
  return (
    <div>
      <ProblemLine error={error} />
      {missing.length ? (
        <ul className={styles.told}>
          {missing.map((one) => (
            <li key={one.message}>{one.message}</li>
          ))}
        </ul>
      ) : null}
    </div>
  )
}
