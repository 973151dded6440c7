import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Modal, Upload } from 'antd'
import { useState } from 'react'
import { api, ok } from '@/shared/api/client'
import { useMay } from '@/shared/api/queries'
import { date } from '@/shared/format/dates'
import { count, type Lang } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton } from '@/shared/ui/Skeleton'
import { Scroller } from '@/shared/ui/Scroller'
import styles from './Settings.module.css'

const ratesKey = ['rates']
const header = 'date,currency,rate\n'

/** What the server takes in one request, less what the request adds to it. */
const largestBytes = 900_000

function kilobytes(bytes: number, lang: Lang): string {
  return `${count(Math.ceil(bytes / 1000), lang)} kB`
}

/** Exchange rates into the home currency: amounts in several currencies are counted together only with them. */
export function Rates() {
  const { t, lang } = useTexts()
  const mayAdd = useMay('configure')
  const rates = useQuery({ queryKey: ratesKey, queryFn: () => ok(api.GET('/api/v1/rates')) })
  const [adding, setAdding] = useState(false)
  const figures = new Intl.NumberFormat(lang, { maximumSignificantDigits: 6 })
  return (
    <section className={styles.panel} aria-label={t('settings.rates')}>
      <div className={styles.head}>
        <h2>{t('settings.rates')}</h2>
        {mayAdd ? (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('settings.addRates')}
          </Button>
        ) : null}
      </div>
      <p className={styles.soft}>{t('settings.ratesHelp', { currency: rates.data?.into ?? '' })}</p>
      {rates.isError ? <ProblemLine error={rates.error} /> : null}
      {rates.isPending ? <Skeleton height={120} /> : null}
      {rates.data?.rows.length === 0 ? (
        <p className={styles.soft}>{t(mayAdd ? 'settings.ratesNone' : 'settings.ratesNoneRead')}</p>
      ) : null}
      {rates.data?.rows.length ? (
        <Scroller>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{t('settings.currency')}</th>
                <th scope="col" data-numeric>
                  {t('settings.rate', { currency: rates.data.into })}
                </th>
                <th scope="col">{t('settings.rateSince')}</th>
                <th scope="col">{t('settings.ratesFrom')}</th>
                <th scope="col" data-numeric>
                  {t('settings.ratesCount')}
                </th>
              </tr>
            </thead>
            <tbody>
              {rates.data.rows.map((row) => (
                <tr key={row.currency}>
                  <th scope="row">{row.currency}</th>
                  <td data-numeric>{figures.format(row.rate)}</td>
                  <td>{date(row.last_on, lang)}</td>
                  <td>{date(row.first_on, lang)}</td>
                  <td data-numeric>{count(row.rates, lang)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroller>
      ) : null}
      {adding ? <RatesDialog onClose={() => setAdding(false)} /> : null}
    </section>
  )
}

function RatesDialog({ onClose }: { onClose: () => void }) {
  const { t, lang } = useTexts()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [csv, setCsv] = useState(header)
  const [tooLarge, setTooLarge] = useState<number | null>(null)
  const add = useMutation({
    mutationFn: () => ok(api.POST('/api/v1/rates', { body: { csv } })),
    onSuccess: (added) => {
      // Every amount may be another one now.
      void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
      void message.success(t('settings.ratesAdded', { n: count(added?.rates ?? 0, lang) }))
      onClose()
    },
  })
  return (
    <Modal
      open
      title={t('settings.addRates')}
      okText={t('common.save')}
      okButtonProps={{ disabled: csv.trim() === header.trim() }}
      confirmLoading={add.isPending}
      onOk={() => add.mutate()}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <div className={styles.stack}>
        <p className={styles.soft}>{t('settings.ratesFormat')}</p>
        <Input.TextArea
          autoFocus
          aria-label={t('settings.rates')}
          autoSize={{ minRows: 6, maxRows: 14 }}
          value={csv}
          onChange={(event) => setCsv(event.target.value)}
        />
        <Upload
          accept=".csv,text/csv"
          showUploadList={false}
          beforeUpload={async (file) => {
            const isLarge = file.size > largestBytes
            setTooLarge(isLarge ? file.size : null)
            if (!isLarge) setCsv(await file.text())
            return false
          }}
        >
          <Button>{t('settings.ratesFile')}</Button>
        </Upload>
        {tooLarge === null ? null : (
          <p role="alert" className={styles.wrong}>
            {t('settings.ratesTooLarge', { size: kilobytes(tooLarge, lang), most: kilobytes(largestBytes, lang) })}
          </p>
        )}
        {add.isError ? <ProblemLine error={add.error} /> : null}
      </div>
    </Modal>
  )
}
