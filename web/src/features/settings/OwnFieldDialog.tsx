import { useMutation } from '@tanstack/react-query'
import { App, Checkbox, Form, Input, Modal, Select } from 'antd'
import { api, ok } from '@/shared/api/client'
import { useTexts } from '@/shared/i18n/i18n'
import { choiceLine, type OwnField, readChoices } from '@/shared/own/own-fields'
import { ProblemLine } from '@/shared/ui/Notice'
import styles from './Settings.module.css'

const kinds = [
  'opportunity',
  'account',
  'contact',
  'product',
  'person',
  'team',
  'region',
  'industry',
  'channel',
  'campaign',
] as const
const types = ['text', 'choice', 'number', 'amount', 'date', 'yes_no', 'ref'] as const
/** What a field may refer to. */
const targets = kinds.filter((kind) => kind !== 'opportunity' && kind !== 'contact')

type Fields = {
  kind: string
  name: string
  zh: string
  en: string
  type: string
  of: string
  choices: string
  required: boolean
  dimension: boolean
}

type Props = { field: OwnField | null; onChanged: () => void; onClose: () => void }

/** A field being added, or what may change about one. */
export function OwnFieldDialog({ field, onChanged, onClose }: Props) {
  const { t, say } = useTexts()
  const { message } = App.useApp()
  const [form] = Form.useForm<Fields>()
  const save = useMutation({
    mutationFn: (typed: Fields) => (field ? change(field.id, typed) : add(typed)),
    onSuccess: () => {
      void message.success(t(field ? 'fields.changed' : 'fields.added'))
      onChanged()
      onClose()
    },
  })
  const [type = '', of = 'region'] = field?.type.split(':') ?? ['text']
  const initial: Fields = {
    kind: field?.kind ?? 'account',
    name: field?.name ?? '',
    zh: field?.label.zh ?? '',
    en: field?.label.en ?? '',
    type,
    of,
    choices: field?.choices.map(choiceLine).join('\n') ?? '',
    required: field?.required ?? false,
    dimension: field?.dimension != null,
  }
  return (
    <Modal
      open
      title={field ? t('fields.edit', { name: say(field.label) }) : t('fields.add')}
      okText={t('common.save')}
      confirmLoading={save.isPending}
      onOk={form.submit}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={initial}
        onFinish={() => save.mutate({ ...initial, ...form.getFieldsValue(true) })}
      >
        {field ? null : <Naming />}
        <div className={styles.pair}>
          <Text name="zh" />
          <Text name="en" />
        </div>
        {field ? null : <Typing />}
        <Form.Item noStyle shouldUpdate>
          {({ getFieldsValue }) => <Choosing {...initial} {...getFieldsValue()} there={field !== null} />}
        </Form.Item>
        {save.isError ? <ProblemLine error={save.error} /> : null}
      </Form>
    </Modal>
  )
}

function add({ kind, name, zh, en, type, of, choices, required, dimension }: Fields) {
  const body = {
    kind,
    name,
    label: { zh, en },
    type: type === 'ref' ? `ref:${of}` : type,
    choices: type === 'choice' ? readChoices(choices) : [],
    required,
    dimension: dimension && mayBeDimension(kind, type),
  }
  return ok(api.POST('/api/v1/fields', { body }))
}

function change(id: number, { kind, zh, en, type, choices, required, dimension }: Fields) {
  const body = {
    label: { zh, en },
    required,
    dimension: dimension && mayBeDimension(kind, type),
    ...(type === 'choice' ? { choices: readChoices(choices) } : {}),
  }
  return ok(api.PATCH('/api/v1/fields/{id}', { params: { path: { id } }, body }))
}

/** Deals are grouped by texts, choices and records of theirs and of their customers'. */
function mayBeDimension(kind: string, type: string): boolean {
  return (kind === 'opportunity' || kind === 'account') && ['text', 'choice', 'ref'].includes(type)
}

function Text({ name }: { name: 'zh' | 'en' }) {
  const { t } = useTexts()
  return (
    <Form.Item
      name={name}
      label={t(`fields.${name}`)}
      rules={[{ required: true, whitespace: true, message: t('account.required') }]}
    >
      <Input autoComplete="off" maxLength={60} />
    </Form.Item>
  )
}

/** Whose field it is, and what files and filters call it: for good. */
function Naming() {
  const { t } = useTexts()
  return (
    <div className={styles.pair}>
      <Form.Item name="kind" label={t('fields.record')}>
        <Select options={kinds.map((kind) => ({ value: kind, label: t(`fields.kinds.${kind}`) }))} />
      </Form.Item>
      <Form.Item
        name="name"
        label={t('fields.key')}
        extra={t('fields.keyHelp')}
        rules={[{ required: true, pattern: /^[a-z][a-z0-9_]{0,39}$/, message: t('fields.keyHelp') }]}
      >
        <Input autoFocus autoComplete="off" placeholder="tier" maxLength={40} />
      </Form.Item>
    </div>
  )
}

function Typing() {
  const { t } = useTexts()
  return (
    <Form.Item name="type" label={t('fields.type')}>
      <Select options={types.map((type) => ({ value: type, label: t(`fields.types.${type}`) }))} />
    </Form.Item>
  )
}

/** What a type asks for beside, and how the field is used. */
function Choosing({ kind, type, there }: Fields & { there: boolean }) {
  const { t } = useTexts()
  return (
    <>
      {type === 'ref' && !there ? (
        <Form.Item name="of" label={t('fields.of')}>
          <Select options={targets.map((target) => ({ value: target, label: t(`fields.kinds.${target}`) }))} />
        </Form.Item>
      ) : null}
      {type === 'choice' ? (
        <Form.Item
          name="choices"
          label={t('fields.choices')}
          extra={`${t('fields.choicesHelp')} ${there ? t('fields.choicesStay') : ''}`}
          rules={[{ required: true, message: t('account.required') }]}
        >
          <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} placeholder={'gold=金|Gold'} />
        </Form.Item>
      ) : null}
      {mayBeDimension(kind, type) ? (
        <Form.Item name="dimension" valuePropName="checked" extra={t('fields.dimensionHelp')}>
          <Checkbox>{t('fields.dimension')}</Checkbox>
        </Form.Item>
      ) : null}
      <Form.Item name="required" valuePropName="checked" extra={t('fields.requiredHelp')}>
        <Checkbox>{t('fields.required')}</Checkbox>
      </Form.Item>
    </>
  )
}
