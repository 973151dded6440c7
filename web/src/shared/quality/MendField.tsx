import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { api, ok } from '@/shared/api/client'
import {
  type CustomerPage,
  type DealPage,
  patchCustomer,
  patchDeal,
  recordsKeys,
  type Values,
} from '@/shared/api/records'
import { useTexts } from '@/shared/i18n/i18n'
import { ConflictDialog } from '@/shared/records/ConflictDialog'
import { FieldInput } from '@/shared/records/FieldInput'
import { useRecordEdit } from '@/shared/records/use-record-edit'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import styles from './quality.module.css'
import { useMended } from './use-mended'

type Props = { of: 'deal' | 'customer'; id: number; field: string; onClose: () => void }
type Page = (DealPage | CustomerPage) & { currency?: string | null; decimals?: number | null }

function read(of: Props['of'], id: number): Promise<Page> {
  const path = of === 'deal' ? ('/api/v1/opportunities/{id}' as const) : ('/api/v1/customers/{id}' as const)
  return ok(api.GET(path, { params: { path: { id } } })) as Promise<Page>
}

/** One field of a record, edited where it was found wrong: on the version that was read, by the rules of its page. */
export function MendField({ of, id, field, onClose }: Props) {
  const key = of === 'deal' ? recordsKeys.deal(id) : recordsKeys.customer(id)
  const page = useQuery({ queryKey: [...key, 'mend'], queryFn: () => read(of, id), staleTime: 0, gcTime: 0 })
  if (page.isError) return <ProblemLine error={page.error} />
  if (!page.data) return <Skeleton height={40} />
  return <Form of={of} id={id} field={field} page={page.data} reread={() => read(of, id)} onClose={onClose} />
}

type FormProps = Props & { page: Page; reread: () => Promise<Page> }

function Form({ of, id, field: name, page, reread, onClose }: FormProps) {
  const { t, say } = useTexts()
  const mended = useMended()
  const patch = (version: number, values: Values): Promise<Page | undefined> =>
    of === 'deal' ? patchDeal(id, version, values) : patchCustomer(id, version, values)
  const edit = useRecordEdit<Page>({
    record: page,
    patch,
    reread,
    onSaved: () => {
      onClose()
      void mended()
    },
  })
  const field = page.fields.find((one) => one.name === name)
  if (!field?.editable) return <p className={styles.soft}>{t('quality.notHere')}</p>
  const { draft } = edit
  const value = name in draft.values ? draft.values[name] : field.value
  const money = { currency: page.currency ?? null, decimals: page.decimals ?? 2 }
  const told = draft.problems[name] ?? edit.errors[name]
  const others = Object.entries(edit.errors).filter(([other]) => other !== name)
  return (
    <form
      className={styles.mend}
      onSubmit={(event) => {
        event.preventDefault()
        edit.save()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <FieldInput
        field={field}
        value={value}
        label={say(field.label)}
        money={money}
        autoFocus
        invalid={Boolean(told)}
        onChange={(next) => draft.set(name, next, field.value)}
        onProblem={(problem) => draft.tell(name, problem)}
      />
      <Button type="primary" htmlType="submit" loading={edit.saving} disabled={draft.count === 0 || !draft.isValid}>
        {t('common.save')}
      </Button>
      <Button onClick={onClose}>{t('common.cancel')}</Button>
      {told ? <p role="alert">{told}</p> : null}
      {others.map(([other, message]) => (
        <p key={other} role="alert">
          {message}
        </p>
      ))}
      {edit.error && !told && others.length === 0 ? <ProblemLine error={edit.error} /> : null}
      {edit.clashes ? (
        <ConflictDialog clashes={edit.clashes} money={money} onResolve={edit.resolve} onClose={edit.closeClashes} />
      ) : null}
    </form>
  )
}
