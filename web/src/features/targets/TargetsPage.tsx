import { Segmented, Select } from 'antd'
import { useMemo, useState } from 'react'
import { useMay, useMeta } from '@/shared/api/queries'
import type { Named } from '@/shared/api/records'
import { capital } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { RefSelect } from '@/shared/records/RefSelect'
import { HintLine, ProblemLine } from '@/shared/ui/Notice'
import { PageBody } from '@/shared/ui/Page'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { useAsOf, useProcess } from '@/shared/url/use-question'
import { useAddressValue, useSetAddress } from '@/shared/url/use-view'
import { OtherTargets } from './OtherTargets'
import { type By, dimensions, fiscalYear, layOut, periodsOf, type Span, yearsAround } from './periods'
import { TargetsGrid } from './TargetsGrid'
import styles from './TargetsPage.module.css'
import { useTargets } from './use-targets'

const spans: readonly Span[] = ['months', 'quarters', 'year']
const kinds: Record<string, string> = { owner: 'person' }

export function Page() {
  const { t } = useTexts()
  const { organisation, dimensions: known } = useMeta()
  const { say } = useTexts()
  const { asOf, past } = useAsOf()
  const may = useMay('edit_targets')
  const mayEdit = may && !past
  const process = useProcess()
  const setAddress = useSetAddress()
  const [yearText, setYear] = useAddressValue('year')
  const [byText, setBy] = useAddressValue('by')
  const [spanText, setSpan] = useAddressValue('span')
  const [added, setAdded] = useState<Named[]>([])

  const start = organisation.fiscal_start_month
  const year = /^\d{4}$/.test(yearText ?? '') ? Number(yearText) : fiscalYear(asOf, start)
  const by: By = dimensions.find((one) => one === byText) ?? (byText === 'whole' ? 'whole' : 'region')
  const span: Span = spans.find((one) => one === spanText) ?? 'quarters'
  const periods = useMemo(() => periodsOf(year, start, span), [year, start, span])
  const targets = useTargets(year, start, process?.key)
  const labelOf = (key: By) => {
    const dimension = known.find((one) => one.key === key)
    return key === 'whole' ? t('targets.whole') : dimension ? say(dimension.label) : key
  }
  const grid = useMemo(
    () => layOut(targets.data?.rows ?? [], by, periods, process?.key),
    [targets.data, by, periods, process],
  )
  const extra = added.filter((one) => !grid.rows.some((row) => row.member?.id === one.id))
  const rows =
    by === 'whole' && grid.rows.length === 0
      ? [{ member: null, cells: new Map() }]
      : [...grid.rows, ...extra.map((member) => ({ member, cells: new Map() }))]
  return (
    <PageBody
      title={t('pages.targets')}
      tools={
        <>
          <Select
            aria-label={t('targets.year')}
            value={year}
            options={yearsAround(fiscalYear(asOf, start), year).map((one) => ({ value: one }))}
            onChange={(one) => setYear(String(one))}
          />
          <Select
            aria-label={t('targets.by')}
            value={by}
            popupMatchSelectWidth={false}
            options={['whole' as const, ...dimensions].map((key) => ({ value: key, label: capital(labelOf(key)) }))}
            onChange={(key) => {
              setAdded([])
              setBy(key)
            }}
          />
          <Segmented
            value={span}
            options={[
              { value: 'year', label: t('targets.spanYear') },
              { value: 'quarters', label: t('targets.quarters') },
              { value: 'months', label: t('targets.months') },
            ]}
            onChange={(one) => setSpan(one)}
          />
        </>
      }
    >
      {may && past ? (
        <HintLine
          text={t('targets.past')}
          action={t('frame.backToToday')}
          // The year that one came to see stays.
          onAction={() => void setAddress({ as_of: undefined, year: String(year) })}
        />
      ) : null}
      {targets.isError ? <ProblemLine error={targets.error} /> : null}
      {targets.isPending ? (
        <Waiting>
          <Skeleton height={320} />
        </Waiting>
      ) : null}
      {targets.data ? (
        <>
          <p className={styles.line}>
            {grid.rows.length === 0 ? t(noneText(may, past, grid.others.length > 0, span), { year }) : null}{' '}
            {mayEdit ? t('targets.line') : null}
          </p>
          {rows.length > 0 ? (
            <TargetsGrid
              rows={rows}
              periods={periods}
              by={by}
              head={capital(labelOf(by))}
              process={process?.key}
              money={targets.data.money ?? organisation}
              editable={mayEdit}
            />
          ) : null}
          {mayEdit && by !== 'whole' ? (
            <div className={styles.add}>
              <RefSelect
                key={`${by}${added.length}`}
                kind={kinds[by] ?? by}
                value={null}
                label={t('targets.addHelp', { dimension: labelOf(by) })}
                placeholder={`+ ${t('targets.add')}`}
                onChange={(member) => {
                  if (member) setAdded((before) => [...before.filter((one) => one.id !== member.id), member])
                }}
              />
            </div>
          ) : null}
          <OtherTargets targets={grid.others} editable={mayEdit} />
        </>
      ) : null}
    </PageBody>
  )
}

/** Why there are no rows: all there are are of other periods or dimensions, they may be written now, they may not be on a past day, or not by this person. */
function noneText(may: boolean, past: boolean, others: boolean, span: Span) {
  if (others) return span === 'year' ? 'targets.noneWhole' : 'targets.noneFit'
  if (!may) return 'targets.noneRead'
  return past ? 'targets.nonePast' : 'targets.none'
}
