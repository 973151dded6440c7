import { asNumber, countOrNone } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { profileName } from '@/shared/records/profile-name'
import { useInstant } from '@/shared/url/use-instant'
import { Scroller } from '@/shared/ui/Scroller'
import { type ImportRow, importRejects } from './api'
import { ImportLink } from './ImportLink'
import styles from './Imports.module.css'
import { UndoButton } from './UndoButton'
import { useUndo } from './use-undo'

/**
 * What was imported so far, and the way to take it back. A phone shows what tells one from the other; the rest is on the
 * page of each.
 */
export function History({ imports, onChanged }: { imports: readonly ImportRow[]; onChanged: () => void }) {
  const { t, lang } = useTexts()
  const at = useInstant()
  const undo = useUndo(onChanged)
  return (
    <div className={styles.stack}>
      {undo.told}
      <section className={styles.panel} aria-label={t('imports.history')}>
        <h2>{t('imports.history')}</h2>
        {imports.length === 0 ? <p className={styles.soft}>{t('imports.none')}</p> : null}
        {imports.length > 0 ? (
          <Scroller>
            <table className={`${styles.table} ${styles.history}`}>
              <thead>
                <tr>
                  <th scope="col">{t('imports.files')}</th>
                  <th scope="col" data-wide>
                    {t('imports.profile')}
                  </th>
                  <th scope="col">{t('imports.at')}</th>
                  <th scope="col" data-wide>
                    {t('imports.by')}
                  </th>
                  <th scope="col" data-numeric data-wide>
                    {t('common.deals')}
                  </th>
                  <th scope="col">{t('imports.state')}</th>
                  <th scope="col" aria-label={t('imports.undo')} data-wide />
                </tr>
              </thead>
              <tbody>
                {imports.map((row) => (
                  <tr key={row.id}>
                    <th scope="row">
                      <ImportLink id={row.id} title={row.files.join('\n')}>
                        {row.files.join(lang === 'zh' ? '、' : ', ') || profileName(row.source, t)}
                      </ImportLink>
                    </th>
                    <td data-wide>{profileName(row.profile, t)}</td>
                    <td data-short>{at(row.at)}</td>
                    <td data-wide>{row.actor ?? t('record.bySystem')}</td>
                    <td data-numeric data-wide>
                      {countOrNone(row.counts.opportunities, lang)}
                    </td>
                    <td data-short>{t(row.state === 'undone' ? 'imports.undone' : 'imports.valid')}</td>
                    <td data-wide>
                      <span className={styles.row}>
                        {(asNumber(row.counts.rows_rejected) ?? 0) > 0 ? (
                          <a href={importRejects(row.id)} download>
                            {t('imports.rejects')}
                          </a>
                        ) : null}
                        <UndoButton row={row} undo={undo} isSmall />
                      </span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroller>
        ) : null}
      </section>
    </div>
  )
}
