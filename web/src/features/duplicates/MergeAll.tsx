import { useMutation } from '@tanstack/react-query'
import { Button, Modal, Select } from 'antd'
import { useEffect, useState } from 'react'
import { count, share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { JobLine } from '@/shared/jobs/JobLine'
import { Cancelled, useRunJob } from '@/shared/jobs/use-job'
import { ProblemLine } from '@/shared/ui/Notice'
import { type Kind, type MergeAll as Ask, type MergedAll, mergeAll, type Strategy, strategies } from './api'
import styles from './Duplicates.module.css'

type Props = { kind: Kind; score: number; onMerged: (all: MergedAll) => void }

/** Merging every group that was found: told first, confirmed, and followed. */
export function MergeAll(props: Props) {
  const { t } = useTexts()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('duplicates.all')}</Button>
      {open ? <Dialog {...props} onClose={() => setOpen(false)} /> : null}
    </>
  )
}

/** Begins a job that merges, and waits for its end. */
function useMerging(ask: Ask) {
  const { at, run } = useRunJob()
  const merging = useMutation({
    mutationFn: async (found: string | null) => {
      const ended = await run(await mergeAll({ ...ask, dry_run: found === null, found }))
      return ended.result as unknown as MergedAll
    },
  })
  return { merging, at }
}

function Dialog({ kind, score, onMerged, onClose }: Props & { onClose: () => void }) {
  const { t, lang } = useTexts()
  const [strategy, setStrategy] = useState<Strategy>('survivor')
  const dry = useMerging({ kind, min_score: score, dry_run: true })
  const real = useMerging({ kind, min_score: score, strategy, dry_run: false })
  const { mutate: tell } = dry.merging
  useEffect(() => tell(null), [tell])
  const told = dry.merging.data
  const merge = () => {
    if (!told) return
    const done = (all: MergedAll) => {
      onMerged(all)
      onClose()
    }
    real.merging.mutate(told.found, { onSuccess: done })
  }
  const busy = real.merging.isPending
  const failed = real.merging.error ?? dry.merging.error
  const at = dry.at ?? real.at
  return (
    <Modal
      open
      title={t('duplicates.allTitle')}
      onCancel={busy ? undefined : onClose}
      closable={!busy}
      maskClosable={false}
      footer={
        <div className={styles.actions}>
          <Button disabled={busy} onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="primary" danger disabled={!told?.merged || busy} onClick={merge}>
            {t('duplicates.allMerge', { n: count(told?.merged ?? 0, lang) })}
          </Button>
        </div>
      }
    >
      <div className={styles.stack}>
        {told ? (
          <p role="status">
            {t('duplicates.allTold', {
              score: share(score, lang, 0),
              clusters: count(told.clusters, lang),
              merged: count(told.merged, lang),
              left: count(told.left, lang),
            })}
          </p>
        ) : null}
        <p className={styles.soft}>{t('duplicates.allText')}</p>
        <label className={styles.strategy}>
          <span>{t('duplicates.strategy')}</span>
          <Select
            value={strategy}
            disabled={busy}
            aria-label={t('duplicates.strategy')}
            onChange={setStrategy}
            options={strategies.map((value) => ({ value, label: t(`duplicates.strategies.${value}`) }))}
          />
        </label>
        {at ? <JobLine at={at} title={t(busy ? 'duplicates.merging' : 'duplicates.looking')} /> : null}
        {failed instanceof Cancelled ? <p role="status">{t('duplicates.stopped')}</p> : null}
        {failed && !(failed instanceof Cancelled) ? <ProblemLine error={failed} /> : null}
      </div>
    </Modal>
  )
}
