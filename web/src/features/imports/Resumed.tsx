import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect } from 'react'
import { ApiProblem } from '@/shared/api/problem'
import { useTexts } from '@/shared/i18n/i18n'
import { FailedNotice, Notice } from '@/shared/ui/Notice'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { readUpload, type Upload } from './api'
import { forgetWork } from './kept'

type Props = { id: number; onFound: (upload: Upload) => void; onAnew: () => void }

/** The page was loaded anew while an upload was being mapped: the address holds its number, the server its files. */
export function Resumed({ id, onFound, onAnew }: Props) {
  const { t } = useTexts()
  const upload = useQuery({ queryKey: ['upload', id], queryFn: () => readUpload(id), gcTime: 0, retry: false })
  const found = upload.data
  useEffect(() => {
    if (found) onFound(found)
  }, [found, onFound])
  const gone = upload.error instanceof ApiProblem && upload.error.status === 404
  useEffect(() => {
    if (gone) forgetWork(id)
  }, [gone, id])
  if (!upload.isError) {
    return (
      <Waiting>
        <Skeleton height={320} />
      </Waiting>
    )
  }
  const anew = (
    <Button type={gone ? 'primary' : 'default'} onClick={onAnew}>
      {t('imports.anew')}
    </Button>
  )
  if (gone) {
    return (
      <Notice title={t('imports.uploadGone')} text={t('imports.uploadGoneText')}>
        {anew}
      </Notice>
    )
  }
  return (
    <FailedNotice error={upload.error}>
      <Button type="primary" loading={upload.isFetching} onClick={() => void upload.refetch()}>
        {t('common.retry')}
      </Button>
      {anew}
    </FailedNotice>
  )
}
