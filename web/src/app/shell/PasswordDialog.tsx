import { useMutation } from '@tanstack/react-query'
import { App, Form, Input, Modal } from 'antd'
import { api, ok } from '@/shared/api/client'
import { shortestPassword } from '@/shared/api/password'
import { useTexts } from '@/shared/i18n/i18n'
import { ProblemLine } from '@/shared/ui/Notice'

type Change = { current: string; new: string }

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTexts()
  const { message } = App.useApp()
  const [form] = Form.useForm<Change>()
  const change = useMutation({
    mutationFn: (body: Change) => ok(api.PUT('/api/v1/me/password', { body })),
    onSuccess: () => {
      void message.success(t('account.passwordChanged'))
      onClose()
    },
  })
  const required = { required: true, message: t('account.required') }
  return (
    <Modal
      open
      title={t('account.changePassword')}
      okText={t('common.save')}
      confirmLoading={change.isPending}
      onCancel={onClose}
      onOk={form.submit}
    >
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(body) => change.mutate(body)}>
        <Form.Item name="current" label={t('account.currentPassword')} rules={[required]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item
          name="new"
          label={t('account.newPassword')}
          extra={t('account.passwordHelp', { n: shortestPassword })}
          rules={[required, { min: shortestPassword, message: t('account.passwordShort', { n: shortestPassword }) }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        {change.isError ? <ProblemLine error={change.error} /> : null}
      </Form>
    </Modal>
  )
}
