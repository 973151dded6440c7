import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { profileName } from '@/shared/records/profile-name'
import { ProblemLine } from '@/shared/ui/Notice'
import { useInstant } from '@/shared/url/use-instant'
import { type Mapping, suggest, type Upload } from './api'
import styles from './Imports.module.css'
import { useSuggested } from './use-suggested'

type Props = {
  upload: Upload
  /** The files go in as those of an import did: after a look, or at once where nothing is wrong with them. */
  onTake: (saved: number, isAtOnce: boolean) => void
  onAdjust: (mapping: Mapping) => void
}

/** Further ones would be of the same columns under other names. */
const most = 3

/** Imports of before whose files had the same columns: this month's go in the same way with one click. */
export function SavedMatches({ upload, onTake, onAdjust }: Props) {
  const { t, lang } = useTexts()
  const at = useInstant()
  const found = useSuggested(
    upload,
    {},
    upload.files.some((file) => !file.problem),
  )
  const adjust = useAdjust(upload, onAdjust)
  const listed = (files: string[]) => files.join(lang === 'zh' ? '、' : ', ')
  const matches = found.data?.saved_matches ?? []
  return matches.slice(0, most).map((match) => (
    <section key={match.import} className={`${styles.panel} ${styles.stack} ${styles.match}`}>
      <h2>{t('studio.saved.title', { id: match.import })}</h2>
      <p>
        {t('studio.saved.text', {
          profile: profileName(match.profile, t),
          at: at(match.at),
          files: listed(match.files),
        })}
      </p>
      {match.missing.length > 0 ? <p>{t('studio.saved.missing', { files: listed(match.missing) })}</p> : null}
      <div className={styles.row}>
        <Button type="primary" onClick={() => onTake(match.import, true)}>
          {t('studio.saved.now')}
        </Button>
        <Button onClick={() => onTake(match.import, false)}>{t('studio.saved.check')}</Button>
        <Button loading={adjust.isPending} onClick={() => adjust.mutate(match.import)}>
          {t('studio.saved.adjust')}
        </Button>
      </div>
      <p className={styles.soft}>{t('studio.saved.nowHelp', { id: match.import })}</p>
      {adjust.isError ? <ProblemLine error={adjust.error} /> : null}
    </section>
  ))
}

/** Takes the mapping of an import of before up, to be changed for these files. */
export function useAdjust(upload: Upload, onMapping: (mapping: Mapping) => void) {
  return useMutation({
    mutationFn: (saved: number) => suggest(upload.id, { saved }),
    onSuccess: ({ mapping }) => onMapping(mapping),
  })
}
