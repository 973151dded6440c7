import { InboxOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { type DragEvent, useState } from 'react'
import { bytes, count, counted, share } from '@/shared/format/format'
import { told } from '@/shared/api/problem'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Scroller } from '@/shared/ui/Scroller'
import { filesKey, send, type Upload, type UploadFile } from './api'
import styles from './Imports.module.css'

type Props = {
  upload: Upload | null
  onUpload: (upload: Upload) => void
  onNext: () => void
  onClose: () => void
}

/** Files dropped or chosen, sent one after another into one upload; then the tables that were found in them. */
export function FilesStep({ upload, onUpload, onNext, onClose }: Props) {
  const { t, lang } = useTexts()
  const queries = useQueryClient()
  const [over, setOver] = useState(false)
  const [going, setGoing] = useState<{ name: string; part: number } | null>(null)
  const [problem, setProblem] = useState<unknown>(null)

  const take = async (files: readonly File[]) => {
    setProblem(null)
    let current = upload
    try {
      for (const file of files) {
        setGoing({ name: file.name, part: 0 })
        current = await send(file, current?.id ?? null, (part) => setGoing({ name: file.name, part }))
        // Of a file that took another's place nothing is true any more that was asked of that one.
        queries.removeQueries({ queryKey: filesKey(current.id) })
        onUpload(current)
      }
    } catch (error) {
      setProblem(error)
    } finally {
      setGoing(null)
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (!going) void take([...event.dataTransfer.files])
  }
  const readable = upload?.files.some((file) => !file.problem) ?? false
  return (
    <>
      <label
        className={styles.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <input
          type="file"
          multiple
          className="hidden-visually"
          disabled={going !== null}
          onChange={(event) => {
            void take([...(event.target.files ?? [])])
            event.target.value = ''
          }}
        />
        <InboxOutlined style={{ fontSize: 28 }} aria-hidden="true" />
        <p>
          {going ? t('imports.uploading', { name: going.name, share: share(going.part, lang, 0) }) : t('imports.drop')}
        </p>
        <p className={styles.soft}>{t('imports.dropHelp')}</p>
      </label>
      {problem ? <ProblemLine error={problem} /> : null}
      {upload ? (
        <section className={`${styles.panel} ${styles.stack}`} aria-label={t('imports.found')}>
          <h2>{t('imports.found')}</h2>
          {upload.files.map((file) => (
            <FileTable key={file.name} file={file} />
          ))}
        </section>
      ) : null}
      <div className={styles.end}>
        <Button onClick={onClose}>{t('common.cancel')}</Button>
        <Button type="primary" disabled={!readable || going !== null} onClick={onNext}>
          {t('imports.next')}
        </Button>
      </div>
    </>
  )
}

function FileTable({ file }: { file: UploadFile }) {
  const { t, lang } = useTexts()
  const words = `${file.name} · ${bytes(file.bytes, lang)}`
  if (file.problem)
    return (
      <p>
        {words} · <span className={styles.warn}>{t('imports.notTable')}</span>{' '}
        <span className={styles.soft}>{told(file.problem, lang).detail}</span>
      </p>
    )
  return (
    <details>
      <summary>
        {words} · {t('imports.rows', counted(file.rows_seen, lang))}
        {file.sheet ? ` · ${file.sheet}` : ''}
      </summary>
      <Scroller>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('imports.column')}</th>
              <th scope="col">{t('imports.sample')}</th>
              <th scope="col" data-numeric>
                {t('imports.filled')}
              </th>
            </tr>
          </thead>
          <tbody>
            {file.columns.map((column) => (
              <tr key={column.name}>
                <th scope="row">{column.name}</th>
                <td className={styles.samples}>{column.sample.join(' · ')}</td>
                <td data-numeric>{count(column.filled, lang)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </details>
  )
}
