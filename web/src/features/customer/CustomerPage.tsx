import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api, ok } from '@/shared/api/client'
import { type CustomerPage, patchCustomer, recordsKeys, type TimelinePage } from '@/shared/api/records'
import { amount, amountExact, asNumber, count, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ConflictDialog } from '@/shared/records/ConflictDialog'
import { RecordQuality } from '@/shared/quality/RecordQuality'
import { FieldList } from '@/shared/records/FieldList'
import { LeaveGuard } from '@/shared/records/LeaveGuard'
import { type Figure, Figures, RecordPage, recordStyles as styles } from '@/shared/records/RecordPage'
import { SaveBar } from '@/shared/records/SaveBar'
import { Timeline } from '@/shared/records/Timeline'
import { useRecordEdit } from '@/shared/records/use-record-edit'
import { useMoment } from '@/shared/url/use-question'
import { useView } from '@/shared/url/use-view'
import { Contacts } from './Contacts'
import { CustomerChain } from './CustomerChain'
import { CustomerDeals } from './CustomerDeals'

export function Page() {
  const { id: text } = useParams({ strict: false }) as { id: string }
  const { t } = useTexts()
  const id = Number(text)
  const moment = useMoment()
  const { scope } = useView()
  const query = { ...moment, scope }
  const customer = useQuery({
    queryKey: [...recordsKeys.customer(id), query],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/v1/customers/{id}', { params: { path: { id }, query }, signal })) as Promise<CustomerPage>,
  })
  return (
    <RecordPage list={{ path: '/customers', name: t('pages.customers') }} record={customer} shape={[76, 420]}>
      {(page) => (
        <Customer
          key={id}
          page={page}
          reread={async () => (await customer.refetch({ throwOnError: true })).data as CustomerPage}
        />
      )}
    </RecordPage>
  )
}

function Customer({ page, reread }: { page: CustomerPage; reread: () => Promise<CustomerPage> }) {
  const { t } = useTexts()
  const moment = useMoment()
  const queries = useQueryClient()
  const money = { currency: page.currency ?? null, decimals: page.decimals ?? 2 }
  const edit = useRecordEdit<CustomerPage>({
    record: page,
    patch: (version, values) => patchCustomer(page.id, version, values),
    reread,
    onSaved: () => {
      void queries.invalidateQueries({ queryKey: recordsKeys.customer(page.id) })
      void queries.invalidateQueries({ queryKey: [recordsKeys.customers] })
      void queries.invalidateQueries({ queryKey: [recordsKeys.deals] })
    },
  })
  const figures = useFigures(page)
  const fields = Object.fromEntries(page.fields.map((field) => [field.name, field]))
  return (
    <>
      <h1>{page.name}</h1>
      {moment.as_of || moment.known_at ? <p className={styles.faint}>{t('customers.pastNote')}</p> : null}
      <Figures figures={figures} />
      <div className={styles.columns}>
        <div className={styles.stack}>
          <CustomerDeals id={page.id} />
          <CustomerChain id={page.id} />
          <section className={styles.panel} aria-label={t('record.timeline')}>
            <h2>{t('record.timeline')}</h2>
            <Timeline
              queryKey={[...recordsKeys.customer(page.id), moment]}
              load={(cursor, signal) =>
                ok(
                  api.GET('/api/v1/customers/{id}/timeline', {
                    params: { path: { id: page.id }, query: { ...moment, cursor } },
                    signal,
                  }),
                ) as Promise<TimelinePage>
              }
              money={money}
              fields={fields}
            />
          </section>
        </div>
        <div className={styles.stack}>
          <RecordQuality of="customer" id={page.id} />
          <section className={styles.panel} aria-label={t('record.facts')}>
            <h2>{t('record.facts')}</h2>
            <FieldList fields={page.fields} money={money} draft={edit.draft} errors={edit.errors} onSave={edit.save} />
            <SaveBar
              count={edit.draft.count}
              faulty={Object.keys(edit.draft.problems).length}
              saving={edit.saving}
              error={Object.keys(edit.errors).length ? null : edit.error}
              onSave={edit.save}
              onDiscard={() => edit.draft.drop()}
            />
          </section>
          <Contacts customer={page.id} contacts={page.contacts} editable={page.editable} />
        </div>
      </div>
      <LeaveGuard when={edit.draft.count > 0 || !edit.draft.isValid} />
      {edit.clashes ? (
        <ConflictDialog clashes={edit.clashes} money={money} onResolve={edit.resolve} onClose={edit.closeClashes} />
      ) : null}
    </>
  )
}

function useFigures(page: CustomerPage): Figure[] {
  const { t, lang } = useTexts()
  const money = { currency: page.currency ?? null, decimals: page.decimals ?? 2 }
  const sum = (label: string, value: unknown): Figure => {
    const minor = asNumber(value)
    return minor === null
      ? { label, value: undefinedMark, title: t('drill.noAmount') }
      : { label, value: amount(minor, money, lang), title: amountExact(minor, money, lang) }
  }
  return [
    { label: t('customers.deals_open'), value: count(page.deals_open, lang) },
    sum(t('customers.open_minor'), page.open_minor),
    sum(t('customers.won_minor'), page.won_minor),
    { label: t('customers.deals'), value: count(page.deals, lang) },
  ]
}
