import { Button, Steps } from 'antd'
import { lazy, Suspense, useCallback, useLayoutEffect, useRef, useState } from 'react'
import { useTexts } from '@/shared/i18n/i18n'
import { LeaveGuard } from '@/shared/records/LeaveGuard'
import { Skeleton, Waiting } from '@/shared/ui/Skeleton'
import { usePhone } from '@/shared/ui/use-media'
import { dropUpload, type Mapping, type Preview, type Upload, type UploadFile } from './api'
import { FilesStep } from './FilesStep'
import styles from './Imports.module.css'
import { forgetWork, keepWork, keptWork, nothingSaid, type Place, type Work } from './kept'
import { MappingStep } from './MappingStep'
import { PreviewStep } from './PreviewStep'
import { RunStep } from './RunStep'
import { SavedMatches } from './SavedMatches'
import { type Cleaning, cleaningOf, nothingToClean } from './steps/cleaning'

// Whoever cleans nothing loads nothing of it.
const Clean = lazy(() => import('./steps/Clean').then(({ Clean }) => ({ default: Clean })))

const steps = ['files', 'clean', 'mapping', 'preview', 'run'] as const
type Step = (typeof steps)[number]

type Props = {
  /** The upload that was being mapped when the page was loaded anew. */
  resumed: Upload | null
  /** What is being mapped are the files at the server under this number. */
  onUploaded: (upload: number) => void
  onBegun: (job: number) => void
  onChanged: () => void
  onClose: () => void
}

/** From files to deals in five steps; each can be gone back to, and nothing is written before the last. */
export function Wizard({ resumed, onUploaded, onBegun, onChanged, onClose }: Props) {
  const { t } = useTexts()
  const phone = usePhone()
  const [upload, setUpload] = useState<Upload | null>(resumed)
  const [work, setWork] = useState<Work>(() => (resumed ? keptWork(resumed) : nothingSaid))
  const [step, setStep] = useState<Step>(work.place)
  const [columns, setColumns] = useState<UploadFile['columns']>([])
  const [preview, setPreview] = useState<Preview | null>(null)
  const [isAtOnce, setIsAtOnce] = useState(false)
  const [skip, setSkip] = useState(false)
  const [ended, setEnded] = useState(false)
  const { recipe, cleaning } = work
  const shown = useRef(step)
  useLayoutEffect(() => {
    if (shown.current === step) return
    shown.current = step
    // The button that leads on is at the end of a step, and the next one begins at its top.
    document.documentElement.scrollTop = 0
  }, [step])

  const say = (change: Partial<Work>) => {
    const next = { ...work, ...change }
    setWork(next)
    if (upload) keepWork(upload.id, next)
  }
  const go = (place: Place, change: Partial<Work> = {}) => {
    say({ ...change, place })
    setPreview(null)
    setIsAtOnce(false)
    setStep(place)
  }
  const onEnd = useCallback(
    (done: boolean) => {
      setEnded(done)
      if (done) onChanged()
    },
    [onChanged],
  )
  const leave = () => {
    if (upload) forgetWork(upload.id)
    if (upload && !ended) void dropUpload(upload.id).catch(() => undefined)
    onClose()
  }
  const takeUp = (mapping: Mapping) => {
    if (upload) go('mapping', { recipe: { mapping }, cleaning: cleaningOf(mapping, upload) })
  }
  const isSaved = typeof recipe?.saved === 'number'
  return (
    <div className={styles.stack}>
      <Steps
        size="small"
        current={steps.indexOf(step)}
        orientation={phone ? 'vertical' : 'horizontal'}
        items={steps.map((key) => ({ title: t(`imports.steps.${key}`) }))}
      />
      {step === 'files' ? (
        <>
          {upload ? (
            <SavedMatches
              upload={upload}
              onTake={(saved, atOnce) => {
                setWork({ ...work, recipe: { saved } })
                setPreview(null)
                setIsAtOnce(atOnce)
                setStep('preview')
              }}
              onAdjust={takeUp}
            />
          ) : null}
          <FilesStep
            upload={upload}
            onUpload={(next) => {
              setUpload(next)
              onUploaded(next.id)
              setWork(nothingSaid)
              forgetWork(next.id)
              setPreview(null)
            }}
            onNext={() => go('clean', isSaved ? { recipe: null, cleaning: nothingToClean } : {})}
            onClose={leave}
          />
        </>
      ) : null}
      {step === 'clean' && upload ? (
        <Suspense
          fallback={
            <Waiting>
              <Skeleton height={320} />
            </Waiting>
          }
        >
          <Clean
            upload={upload}
            cleaning={cleaning}
            onCleaning={(next: Cleaning) => say({ cleaning: next })}
            onBack={() => go('files')}
            onNext={() => go('mapping')}
          />
        </Suspense>
      ) : null}
      {step === 'mapping' && upload ? (
        <MappingStep
          upload={upload}
          recipe={recipe}
          cleaning={cleaning}
          onMain={(main) => say({ recipe: null, cleaning: { ...cleaning, main, isDeals: true } })}
          onBack={() => go('clean')}
          onRecipe={(next) => say({ recipe: next })}
          onNext={(next, found) => {
            say({ recipe: next })
            setColumns(found)
            setStep('preview')
          }}
        />
      ) : null}
      {step === 'preview' && upload && recipe ? (
        <PreviewStep
          upload={upload}
          recipe={recipe}
          columns={columns}
          preview={preview}
          onPreview={setPreview}
          isAtOnce={isAtOnce}
          skip={skip}
          onSkip={setSkip}
          onAdjust={takeUp}
          onBack={() => go(isSaved ? 'files' : 'mapping')}
          onNext={() => setStep('run')}
        />
      ) : null}
      {step === 'run' && upload && recipe ? (
        <RunStep
          upload={upload}
          recipe={recipe}
          skip={skip}
          onBegun={(job) => {
            // From here on the address holds the job.
            forgetWork(upload.id)
            onBegun(job)
          }}
          onEnd={onEnd}
          onBack={(isRunning) => {
            if (!isRunning) {
              keepWork(upload.id, work)
              onUploaded(upload.id)
            }
            setIsAtOnce(false)
            setStep('preview')
          }}
          onClose={leave}
        />
      ) : null}
      {step === 'run' || step === 'files' ? null : (
        <div>
          <Button type="link" onClick={leave}>
            {t('common.cancel')}
          </Button>
        </div>
      )}
      <LeaveGuard when={upload !== null && !ended} isKept text={t('imports.leaveText')} />
    </div>
  )
}
