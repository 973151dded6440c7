import { useNavigate } from '@tanstack/react-router'
import { Form, Select } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { useMeta } from '@/shared/api/queries'
import { type DealPage, type Named, recordsKeys, type Values } from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { FieldInput } from '@/shared/records/FieldInput'
import { RecordDialog } from '@/shared/records/RecordDialog'
import { OwnInputs } from '@/shared/records/OwnInputs'
import { RefSelect } from '@/shared/records/RefSelect'
import { sent } from '@/shared/records/values'
import { useProcess } from '@/shared/url/use-question'
import { useView } from '@/shared/url/use-view'

type Fields = {
  name: string
  process?: string
  account?: Named | null
  amount_minor?: number | string | null
  expected_close_on?: string | null
  [own: string]: unknown
}

/** A new deal: only what it needs to be known; everything else is filled in on its page. */
export function NewDeal({ onClose }: { onClose: () => void }) {
  const { t, say } = useTexts()
  const { processes, organisation } = useMeta()
  const process = useProcess()?.key
  const view = useView()
  const navigate = useNavigate()
  const [amountProblem, setAmountProblem] = useState<string | null>(null)
  const money = { currency: organisation.currency, decimals: organisation.decimals }
  return (
    <RecordDialog<Fields, DealPage | null>
      title={t('deals.make')}
      okText={t('deals.makeIt')}
      nameLabel={t('dealColumns.name')}
      done={t('deals.made')}
      initial={{ process }}
      disabled={amountProblem !== null}
      stale={[[recordsKeys.deals], ['meta']]}
      send={(fields, key) => {
        const params = { header: { 'Idempotency-Key': key } }
        const body = valuesOf({ process, ...fields })
        return ok(api.POST('/api/v1/opportunities', { params, body: body as never })) as Promise<DealPage | null>
      }}
      onSent={(page) => {
        if (page) void navigate({ to: `/deals/${page.id}` as never, search: view as never })
      }}
      onClose={onClose}
    >
      {(at) => (
        <>
          <Form.Item name="account" label={t('dealColumns.account')} {...at('account')}>
            <RefField kind="account" label={t('dealColumns.account')} />
          </Form.Item>
          <Form.Item
            name="amount_minor"
            label={t('dealColumns.amount_minor')}
            {...(amountProblem ? { validateStatus: 'error', help: amountProblem } : at('amount_minor'))}
          >
            <TypedField ty="amount_minor" label={t('dealColumns.amount_minor')} money={money} tell={setAmountProblem} />
          </Form.Item>
          <Form.Item name="expected_close_on" label={t('dealColumns.expected_close_on')} {...at('expected_close_on')}>
            <TypedField ty="day" label={t('dealColumns.expected_close_on')} money={money} />
          </Form.Item>
          <OwnInputs kind="opportunity" money={money} at={at} />
          {processes.length > 1 ? (
            <Form.Item name="process" label={t('frame.process')} {...at('process')}>
              <Select options={processes.map((one) => ({ value: one.key, label: say(one.name) }))} />
            </Form.Item>
          ) : null}
        </>
      )}
    </RecordDialog>
  )
}

/** What was filled in, as it is sent. */
function valuesOf(fields: Fields): Values {
  const filled = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(filled.map(([name, value]) => [name, sent(value)]))
}

/** A form hands its value and change to these. */
type Handed = { id?: string; value?: unknown; onChange?: (value: unknown) => void }

function RefField({ kind, label, value, onChange }: Handed & { kind: string; label: string }) {
  return (
    <RefSelect kind={kind} label={label} value={(value as Named | null) ?? null} onChange={(one) => onChange?.(one)} />
  )
}

type TypedProps = Handed & {
  ty: string
  label: string
  money: { currency: string | null; decimals: number }
  tell?: (problem: string | null) => void
}

function TypedField({ ty, label, money, tell, id, value, onChange }: TypedProps) {
  return (
    <FieldInput
      id={id}
      field={{ type: ty, of: null, min: 0 }}
      value={value ?? null}
      label={label}
      money={money}
      onChange={(next) => onChange?.(next)}
      onProblem={tell}
    />
  )
}
