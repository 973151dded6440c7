import { Button, Steps } from 'antd'
import { useCallback, useState } from 'react'
import { useTexts } from '@/shared/i18n/i18n'
import { LeaveGuard } from '@/shared/records/LeaveGuard'
import { usePhone } from '@/shared/ui/use-media'
import { dropUpload, type Preview, type Recipe, type Upload } from './api'
import { FilesStep } from './FilesStep'
import styles from './Imports.module.css'
import { forgetRecipe, keepRecipe, keptRecipe } from './kept'
import { MappingStep } from './MappingStep'
import { PreviewStep } from './PreviewStep'
import { RunStep } from './RunStep'

const steps = ['files', 'mapping', 'preview', 'run'] as const
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

/** From files to deals in four steps; each can be gone back to, and nothing is written before the last. */
export function Wizard({ resumed, onUploaded, onBegun, onChanged, onClose }: Props) {
  const { t } = useTexts()
  const phone = usePhone()
  const [step, setStep] = useState<Step>(resumed?.files.some((file) => !file.problem) ? 'mapping' : 'files')
  const [upload, setUpload] = useState<Upload | null>(resumed)
  const [recipe, setRecipe] = useState<Recipe | null>(() => resumed && keptRecipe(resumed))
  const [preview, setPreview] = useState<Preview | null>(null)
  const [skip, setSkip] = useState(false)
  const [ended, setEnded] = useState(false)
  const at = steps.indexOf(step)

  const onEnd = useCallback(
    (done: boolean) => {
      setEnded(done)
      if (done) onChanged()
    },
    [onChanged],
  )
  const leave = () => {
    if (upload) forgetRecipe(upload.id)
    if (upload && !ended) void dropUpload(upload.id).catch(() => undefined)
    onClose()
  }
  return (
    <div className={styles.stack}>
      <Steps
        size="small"
        current={at}
        orientation={phone ? 'vertical' : 'horizontal'}
        items={steps.map((key) => ({ title: t(`imports.steps.${key}`) }))}
      />
      {step === 'files' ? (
        <FilesStep
          upload={upload}
          onUpload={(next) => {
            setUpload(next)
            onUploaded(next.id)
            forgetRecipe(next.id)
            setRecipe(null)
            setPreview(null)
          }}
          onNext={() => setStep('mapping')}
          onClose={leave}
        />
      ) : null}
      {step === 'mapping' && upload ? (
        <MappingStep
          upload={upload}
          recipe={recipe}
          onBack={() => setStep('files')}
          onRecipe={(next) => keepRecipe(upload.id, next)}
          onNext={(next) => {
            setRecipe(next)
            setStep('preview')
          }}
        />
      ) : null}
      {step === 'preview' && upload && recipe ? (
        <PreviewStep
          upload={upload}
          recipe={recipe}
          preview={preview}
          onPreview={setPreview}
          skip={skip}
          onSkip={setSkip}
          onBack={() => {
            setPreview(null)
            setStep('mapping')
          }}
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
            forgetRecipe(upload.id)
            onBegun(job)
          }}
          onEnd={onEnd}
          onBack={(isRunning) => {
            if (!isRunning) {
              keepRecipe(upload.id, recipe)
              onUploaded(upload.id)
            }
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
