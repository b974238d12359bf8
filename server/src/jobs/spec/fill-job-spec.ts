import { filledSource } from '../../domain/sources/filled-source.js';
import type {
  ConcurrencySpec,
  FanOutSpec,
  JobScope,
  JobSpec,
  RetrySpec,
  StepSpec,
  SubmitJobBody,
  SubmitStepBody,
} from '@dibs/shared';

const MAX_DERIVED_NAME_LENGTH = 60;

/** What a job means that says nothing else. */
export const JOB_DEFAULTS = {
  shell: 'bash',
  priority: 0,
  timeoutSeconds: 3600,
  queueTimeoutSeconds: 86_400,
  onLost: 'requeue',
  maxAttempts: 3,
  slots: 1,
  retryAttempts: 2,
  retryBackoffSeconds: 10,
  concurrencyLimit: 1,
} as const;

/** The spec of a valid body: everything left out is filled in, and the secrets stay behind. */
export function fillJobSpec(body: SubmitJobBody): JobSpec {
  const steps = body.steps.map(fillStep);
  return {
    name: body.name ?? steps[0]?.name ?? 'job',
    steps,
    env: { ...body.env },
    source: body.source ? filledSource(body.source) : null,
    files: (body.files ?? []).map(({ path, content }) => ({ path, content })),
    executor: { type: body.executor?.type ?? 'shell' },
    requires: {
      tools: [...new Set(body.requires?.tools)],
      labels: { ...body.requires?.labels },
      prefers: { ...body.requires?.prefers },
    },
    runner: body.runner ?? null,
    instance: body.instance ?? null,
    priority: body.priority ?? JOB_DEFAULTS.priority,
    slots: body.slots ?? JOB_DEFAULTS.slots,
    timeoutSeconds: body.timeoutSeconds ?? JOB_DEFAULTS.timeoutSeconds,
    queueTimeoutSeconds: body.queueTimeoutSeconds ?? JOB_DEFAULTS.queueTimeoutSeconds,
    onLost: body.onLost ?? JOB_DEFAULTS.onLost,
    maxAttempts: body.maxAttempts ?? JOB_DEFAULTS.maxAttempts,
    retry: fillRetry(body.retry),
    concurrency: fillConcurrency(body.concurrency),
    fanOut: fillFanOut(body.fanOut),
    scope: fillScope(body.scope),
  };
}

function fillRetry(retry: SubmitJobBody['retry']): RetrySpec | null {
  if (!retry) return null;
  return {
    maxAttempts: retry.maxAttempts ?? JOB_DEFAULTS.retryAttempts,
    onExitCodes: [...new Set(retry.onExitCodes)],
    onReasons: [...new Set(retry.onReasons)],
    backoffSeconds: retry.backoffSeconds ?? JOB_DEFAULTS.retryBackoffSeconds,
  };
}

function fillConcurrency(concurrency: SubmitJobBody['concurrency']): ConcurrencySpec | null {
  if (!concurrency) return null;
  return {
    key: concurrency.key,
    limit: concurrency.limit ?? JOB_DEFAULTS.concurrencyLimit,
    supersede: concurrency.supersede ?? 'none',
  };
}

function fillFanOut(fanOut: SubmitJobBody['fanOut']): FanOutSpec | null {
  if (!fanOut) return null;
  const { batchSize, offline } = fanOut === true ? {} : fanOut;
  return { batchSize: batchSize ?? null, offline: offline ?? 'skip' };
}

function fillScope(scope: SubmitJobBody['scope']): JobScope | null {
  if (!scope) return null;
  return {
    // in the one spelling in which ids are stored and compared
    stackId: scope.stackId.toLowerCase(),
    namespaceId: scope.namespaceId?.toLowerCase() ?? null,
    moduleId: scope.moduleId?.toLowerCase() ?? null,
  };
}

function fillStep({ name, run, shell, timeoutSeconds }: SubmitStepBody): StepSpec {
  return {
    name: name ?? nameFromScript(run),
    run,
    shell: shell ?? JOB_DEFAULTS.shell,
    timeoutSeconds: timeoutSeconds ?? null,
  };
}

/** The first line that does something, made fit for lists: no control characters, not too long. */
function nameFromScript(run: string): string {
  const lines = run.split('\n').map((line) => line.replace(/\p{Cc}+/gu, ' ').trim());
  const line =
    lines.find((each) => each !== '' && !each.startsWith('#')) ?? lines.find((each) => each !== '') ?? 'step';
  const characters = [...line];
  if (characters.length <= MAX_DERIVED_NAME_LENGTH) return line;
  return `${characters.slice(0, MAX_DERIVED_NAME_LENGTH - 1).join('')}…`;
}
