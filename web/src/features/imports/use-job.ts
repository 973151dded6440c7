export { isEnd, useJob } from '@/shared/jobs/use-job'
