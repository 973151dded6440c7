import { Segmented, Select } from 'antd'
import { useMemo, useState } from 'react'
import { useMay, useMeta } from '@/shared/api/queries'
import type { Named } from '@/shared/api/records'
import { capital } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { RefSelect } from '@/shared/records/RefSelect'
import { ProblemLine } from '@/shared/ui/Notice'
import { PageBody } from '@/shared/ui/Page'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { useAsOf, useProcess } from '@/shared/url/use-question'
import { useAddressValue } from '@/shared/url/use-view'
import { OtherTargets } from './OtherTargets'
import { type By, dimensions, layOut, periodsOf, type Span } from './periods'
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
  const mayEdit = useMay('edit_targets') && !past
  const process = useProcess()
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
            options={[-2, -1, 0, 1, 2].map((step) => fiscalYear(asOf, start) + step).map((one) => ({ value: one }))}
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
      {targets.isError ? <ProblemLine error={targets.error} /> : null}
      {targets.isPending ? (
        <Waiting>
          <Skeleton height={320} />
        </Waiting>
      ) : null}
      {targets.data ? (
        <>
          <p className={styles.line}>
            {grid.rows.length === 0 ? t(mayEdit ? 'targets.none' : 'targets.noneRead', { year }) : null}{' '}
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

/** The fiscal year of a day, named by the calendar year that it begins in. */
function fiscalYear(day: string, startMonth: number): number {
  return Number(day.slice(0, 4)) - (Number(day.slice(5, 7)) < startMonth ? 1 : 0)
}
