import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Form, Input, Modal } from 'antd'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'
import { removeSecret, setSecret, type Source, sourcesKey } from './api'
import styles from './Sources.module.css'

/** Sets the password or token of a source. It goes in and never comes out: the field is always empty at first. */
export function SecretDialog({ source, onClose }: { source: Source; onClose: () => void }) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [form] = Form.useForm<{ secret: string }>()
  const done = (text: string) => {
    void queries.invalidateQueries({ queryKey: sourcesKey })
    void message.success(text)
    onClose()
  }
  const save = useMutation({
    mutationFn: ({ secret }: { secret: string }) => setSecret(source.id, secret),
    onSuccess: () => done(t('sources.secret.saved')),
  })
  const remove = useMutation({
    mutationFn: () => removeSecret(source.id),
    onSuccess: () => done(t('sources.secret.removed')),
  })
  const problem = save.error ?? remove.error
  return (
    <Modal
      open
      title={`${t('sources.secret.title')} · ${source.name}`}
      okText={t('common.save')}
      confirmLoading={save.isPending}
      mask={{ closable: false }}
      onOk={form.submit}
      onCancel={onClose}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => save.mutate(values)}>
        <Form.Item
          name="secret"
          label={t('sources.secret.title')}
          extra={t('sources.secret.help')}
          rules={[{ required: true, message: t('sources.form.required') }]}
        >
          <Input.Password autoFocus autoComplete="new-password" />
        </Form.Item>
      </Form>
      {source.has_secret ? (
        <p className={styles.row}>
          {t('sources.secret.set')}
          <Button size="small" danger loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('sources.secret.remove')}
          </Button>
        </p>
      ) : null}
      {problem ? <ProblemLine error={problem} /> : null}
    </Modal>
  )
}
