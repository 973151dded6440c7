import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { useMay } from '@/shared/api/queries'
import { type DealPage, patchDeal, recordsKeys, type TimelinePage } from '@/shared/api/records'
import { date, dateShort } from '@/shared/format/dates'
import { amount, amountExact, asNumber, count, undefinedMark } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { RecordQuality } from '@/shared/quality/RecordQuality'
import { ConflictDialog } from '@/shared/records/ConflictDialog'
import { FieldList } from '@/shared/records/FieldList'
import { LeaveGuard } from '@/shared/records/LeaveGuard'
import { type Figure, Figures, RecordPage, recordStyles as styles } from '@/shared/records/RecordPage'
import { SaveBar } from '@/shared/records/SaveBar'
import { Timeline } from '@/shared/records/Timeline'
import { useRecordEdit } from '@/shared/records/use-record-edit'
import { useAsOf, useMoment } from '@/shared/url/use-question'
import { MoveButtons } from './MoveButtons'
import { MoveDialog } from './MoveDialog'
import type { Move } from './missing'
import { PathPanel } from './PathPanel'

export function Page() {
  const { id: text } = useParams({ strict: false }) as { id: string }
  const { t } = useTexts()
  const id = Number(text)
  const deal = useDeal(id)
  return (
    <RecordPage list={{ path: '/deals', name: t('pages.deals') }} record={deal} shape={[96, 76, 420]}>
      {(page) => (
        <Deal key={id} page={page} reread={async () => (await deal.refetch({ throwOnError: true })).data as DealPage} />
      )}
    </RecordPage>
  )
}

function useDeal(id: number) {
  const query = useMoment()
  return useQuery({
    queryKey: [...recordsKeys.deal(id), query],
    queryFn: ({ signal }) =>
      ok(api.GET('/api/v1/opportunities/{id}', { params: { path: { id }, query }, signal })) as Promise<DealPage>,
  })
}

function Deal({ page, reread }: { page: DealPage; reread: () => Promise<DealPage> }) {
  const { t, lang } = useTexts()
  const { past, asOf } = useAsOf()
  const moment = useMoment()
  const mayEdit = useMay('edit_deals')
  const queries = useQueryClient()
  const [move, setMove] = useState<Move | null>(null)
  const money = { currency: page.currency ?? null, decimals: page.decimals ?? 2 }
  const changed = () => {
    void queries.invalidateQueries({ queryKey: recordsKeys.deal(page.id) })
    // Every number may be another one now.
    void queries.invalidateQueries({
      predicate: (query) => query.queryKey[0] !== 'session' && query.queryKey[0] !== recordsKeys.deal(0)[0],
    })
  }
  const edit = useRecordEdit<DealPage>({
    record: page,
    patch: (version, values) => patchDeal(page.id, version, values),
    reread,
    onSaved: changed,
  })
  const figures = useFigures(page)
  const reasons = {
    type: 'choice',
    choices: page.reasons.map(({ code, name }) => ({ key: code, name })),
  }
  const fields = page.fields.map((field) => (field.name === 'reason' ? { ...field, ...reasons } : field))
  // The name stands in the head, stage and outcome in the path.
  const facts = fields.filter((field) => !['stage', 'outcome', 'facts'].includes(field.name))
  return (
    <>
      <header className={styles.head}>
        <h1>{nameAt(page)}</h1>
        {page.editable ? (
          <div className={styles.actions}>
            <MoveButtons page={page} onMove={setMove} />
          </div>
        ) : (
          <span className={styles.faint}>
            {past ? t('deal.readOnlyPast', { day: date(asOf, lang) }) : mayEdit ? null : t('deal.readOnly')}
          </span>
        )}
      </header>
      <PathPanel page={page} />
      <Figures figures={figures} />
      <div className={styles.columns}>
        <section className={styles.panel} aria-label={t('record.timeline')}>
          <h2>{t('record.timeline')}</h2>
          <Timeline
            queryKey={[...recordsKeys.deal(page.id), moment]}
            load={(cursor, signal) =>
              ok(
                api.GET('/api/v1/opportunities/{id}/timeline', {
                  params: { path: { id: page.id }, query: { ...moment, cursor } },
                  signal,
                }),
              ) as Promise<TimelinePage>
            }
            money={money}
            fields={{ ...Object.fromEntries(fields.map((field) => [field.name, field])), obstacle: reasons }}
          />
        </section>
        <div className={`${styles.stack} ${styles.facts}`}>
          <RecordQuality of="deal" id={page.id} />
          <section className={styles.panel} aria-label={t('record.facts')}>
            <h2>{t('record.facts')}</h2>
            <FieldList fields={facts} money={money} draft={edit.draft} errors={edit.errors} onSave={edit.save} />
            <SaveBar
              count={edit.draft.count}
              faulty={Object.keys(edit.draft.problems).length}
              saving={edit.saving}
              error={Object.keys(edit.errors).length ? null : edit.error}
              onSave={edit.save}
              onDiscard={() => edit.draft.drop()}
            />
          </section>
        </div>
      </div>
      <LeaveGuard when={edit.draft.count > 0 || !edit.draft.isValid} />
      {edit.clashes ? (
        <ConflictDialog clashes={edit.clashes} money={money} onResolve={edit.resolve} onClose={edit.closeClashes} />
      ) : null}
      {move ? (
        <MoveDialog page={page} move={move} reread={reread} onDone={changed} onClose={() => setMove(null)} />
      ) : null}
    </>
  )
}

/** The name on the day that one looks from, as the facts have it: it may have been another one than today's. */
function nameAt(page: DealPage): string {
  const told: unknown = page.fields.find((field) => field.name === 'name')?.value
  return (typeof told === 'string' && told) || (page.name ?? `#${page.id}`)
}

function useFigures(page: DealPage): Figure[] {
  const { t, lang, say } = useTexts()
  const money = { currency: page.currency ?? null, decimals: page.decimals ?? 2 }
  const minor = asNumber(page.amount_minor)
  const current = page.path.find((stage) => stage.current)
  const standard = current?.standard_days ?? null
  const open = page.outcome === 'open'
  return [
    {
      label: t('deal.amount'),
      value: minor === null ? undefinedMark : amount(minor, money, lang),
      title: minor === null ? t('drill.noAmount') : amountExact(minor, money, lang),
    },
    {
      label: t('deal.stage'),
      value: open ? (page.stage ? say(page.stage.name) : undefinedMark) : t(`states.${page.outcome as 'won'}`),
      note: open ? undefined : page.stage ? say(page.stage.name) : undefined,
    },
    {
      label: t('deal.daysInStage'),
      value: page.days_in_stage == null ? undefinedMark : count(page.days_in_stage, lang),
      note: open && standard !== null ? t('deal.ofStandard', { n: count(standard, lang) }) : undefined,
    },
    {
      label: t('deal.closes'),
      value: page.expected_close_on ? date(page.expected_close_on, lang) : undefinedMark,
    },
    {
      label: t('deal.nextStep'),
      value: page.next_step ?? undefinedMark,
      note: page.next_step_on ? dateShort(page.next_step_on, lang) : undefined,
    },
  ]
}
