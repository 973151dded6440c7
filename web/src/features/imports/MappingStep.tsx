import { useQuery } from '@tanstack/react-query'
import { Button, Segmented, Select } from 'antd'
import { useEffect, useId, useState } from 'react'
import { share } from '@/shared/format/format'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { usePhone } from '@/shared/ui/use-media'
import { listProfiles, type Mapping, type Recipe, type Upload, type UploadFile } from './api'
import styles from './Imports.module.css'
import { MappedTables } from './MappedTables'
import { lacking } from './mapping'
import { type Cleaning, suggestionAsk } from './steps/cleaning'
import { carried, deals, keyless } from './tables'
import { useSuggested } from './use-suggested'

type Props = {
  upload: Upload
  recipe: Recipe | null
  /** What is done to the tables before, and which of them comes in first. */
  cleaning: Cleaning
  /** A table holds the deals, by its name in the cleaning. */
  onMain: (table: string) => void
  /** What is said so far, at every change. */
  onRecipe: (recipe: Recipe) => void
  onBack: () => void
  onNext: (recipe: Recipe, columns: UploadFile['columns']) => void
}

type Way = 'profile' | 'mapping'
const sure = 0.99

/** How the files are read: by a profile that fits them, or by a mapping that is suggested and changed by hand. */
export function MappingStep({ upload, recipe, cleaning, onMain, onRecipe, onBack, onNext }: Props) {
  const { t, lang, say } = useTexts()
  const phone = usePhone()
  const { ask, hasSteps } = suggestionAsk(cleaning, upload)
  const suggested = useSuggested(upload, ask)
  const profiles = useQuery({ queryKey: ['profiles'], queryFn: listProfiles })
  const best = suggested.data?.profile_matches[0]
  const [way, setWay] = useState<Way | null>(recipe && (recipe.profile ? 'profile' : 'mapping'))
  const [profile, setProfile] = useState(recipe?.profile ?? undefined)
  const [mapping, setMapping] = useState<Mapping | null>(recipe?.mapping ?? null)
  const profileId = useId()

  const proposal = suggested.data
  useEffect(() => {
    if (proposal) setMapping((before) => carried(before, proposal))
  }, [proposal])
  const chosenWay: Way = way ?? (best && best.score >= sure && !hasSteps ? 'profile' : 'mapping')
  const chosenProfile = profile ?? best?.name
  const fields = proposal?.kinds.find((one) => one.kind === deals)?.fields ?? []
  const missing = mapping?.table ? lacking(mapping, fields) : []
  const isAnything = mapping !== null && (mapping.table || (mapping.records ?? []).length > 0)
  const isMapped = isAnything && proposal !== undefined && missing.length === 0 && keyless(mapping).length === 0
  const ready = chosenWay === 'profile' ? chosenProfile !== undefined : isMapped
  // What was changed by hand is worth keeping; what is only suggested comes again.
  const change = (next: Mapping) => {
    setMapping(next)
    onRecipe({ mapping: next })
  }
  const next = () => {
    const columns = suggested.data?.file?.columns ?? []
    if (chosenWay === 'profile' && chosenProfile) onNext({ profile: chosenProfile }, columns)
    else if (mapping) onNext({ mapping }, columns)
  }
  const described = profiles.data?.find((one) => one.name === chosenProfile)
  return (
    <>
      <Segmented
        vertical={phone}
        value={chosenWay}
        options={[
          { value: 'mapping', label: t('imports.ownMapping') },
          { value: 'profile', label: t('imports.useProfile') },
        ]}
        onChange={(one) => setWay(one as Way)}
      />
      {suggested.isError && chosenWay === 'mapping' ? <ProblemLine error={suggested.error} /> : null}
      {suggested.isPending ? (
        <Waiting>
          <Skeleton height={320} />
        </Waiting>
      ) : null}
      {chosenWay === 'profile' && profiles.data ? (
        <section className={`${styles.panel} ${styles.stack}`}>
          <div className={styles.field}>
            <label htmlFor={profileId}>{t('imports.profile')}</label>
            <Select
              id={profileId}
              value={chosenProfile}
              options={profiles.data.map((one) => ({ value: one.name, label: say(one.title) }))}
              onChange={(one) => {
                setProfile(one)
                onRecipe({ profile: one })
              }}
            />
          </div>
          {best && best.name === chosenProfile ? (
            <p>{t('imports.matched', { share: share(best.score, lang, 0) })}</p>
          ) : null}
          {described ? <p className={styles.soft}>{say(described.description)}</p> : null}
          {hasSteps ? <p className={styles.warn}>{t('studio.stepsWithProfile')}</p> : null}
        </section>
      ) : null}
      {chosenWay === 'mapping' && suggested.data && mapping ? (
        <>
          <MappedTables
            upload={upload}
            suggested={suggested.data}
            mapping={mapping}
            onMapping={change}
            onDeals={(table) => {
              // Another table of deals is another mapping.
              setMapping(null)
              onMain(table)
            }}
          />
          {isAnything ? null : (
            <p className={styles.bad} role="alert">
              {t('kinds.nothing')}
            </p>
          )}
          {missing.map((field) => (
            <p key={field.name} className={styles.bad} role="alert">
              {t('imports.needed', { field: say(field.label) })}
            </p>
          ))}
        </>
      ) : null}
      <div className={styles.end}>
        <Button onClick={onBack}>{t('imports.back')}</Button>
        <Button type="primary" disabled={!ready} onClick={next}>
          {t('imports.next')}
        </Button>
      </div>
    </>
  )
}
