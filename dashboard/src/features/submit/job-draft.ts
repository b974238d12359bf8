import type { FanOutSpec, JobSpec, OnLost, StepShell, SubmitJobBody, Supersede } from '@dibs/shared';

/** One line of a list of names and values. */
export interface Pair {
  readonly id: string;
  name: string;
  value: string;
}

export interface StepDraft {
  readonly id: string;
  name: string;
  run: string;
  shell: StepShell;
  timeoutSeconds: number | '';
}

/** What stands in the form; '' is a field that was left to its default. Names are those of the body where they can be. */
export interface JobDraft {
  name: string;
  steps: StepDraft[];
  env: Pair[];
  secrets: Pair[];
  requires: { tools: string[]; labels: Pair[] };
  runner: string;
  instance: string;
  priority: number | '';
  slots: number | '';
  timeoutSeconds: number | '';
  queueTimeoutSeconds: number | '';
  onLost: OnLost;
  maxAttempts: number | '';
  concurrency: { key: string; limit: number | ''; supersede: Supersede };
  retry: { maxAttempts: number | ''; onExitCodes: string[]; backoffSeconds: number | '' };
  fanOut: { wanted: boolean; batchSize: number | ''; offline: FanOutSpec['offline'] };
  /** Of the job that is retried: what the form has no fields for goes along as it is. */
  kept: Kept;
}

export type Kept = Pick<SubmitJobBody, 'source' | 'files' | 'executor' | 'scope'> & {
  readonly prefers?: Record<string, string>;
  readonly onReasons?: JobReasons;
};
type JobReasons = NonNullable<NonNullable<SubmitJobBody['retry']>['onReasons']>;

let lastId = 0;

/** Rows keep their identity while others are added, removed and moved. */
export function rowId(): string {
  lastId += 1;
  return `row-${lastId}`;
}

export function emptyStep(): StepDraft {
  return { id: rowId(), name: '', run: '', shell: 'bash', timeoutSeconds: '' };
}

export function emptyDraft(): JobDraft {
  return {
    name: '',
    steps: [emptyStep()],
    env: [],
    secrets: [],
    requires: { tools: [], labels: [] },
    runner: '',
    instance: '',
    priority: '',
    slots: '',
    timeoutSeconds: '',
    queueTimeoutSeconds: '',
    onLost: 'requeue',
    maxAttempts: '',
    concurrency: { key: '', limit: '', supersede: 'none' },
    retry: { maxAttempts: '', onExitCodes: [], backoffSeconds: '' },
    fanOut: { wanted: false, batchSize: '', offline: 'skip' },
    kept: {},
  };
}

/** The job once more, to be changed. Of secrets only the names are known: their values must be entered again. */
export function draftOf(spec: JobSpec, secretNames: readonly string[]): JobDraft {
  const { requires, concurrency, retry, fanOut } = spec;
  return {
    name: spec.name,
    steps: spec.steps.map(({ name, run, shell, timeoutSeconds }) => ({
      id: rowId(),
      name,
      run,
      shell,
      timeoutSeconds: timeoutSeconds ?? '',
    })),
    env: pairsOf(spec.env),
    secrets: secretNames.map((name) => ({ id: rowId(), name, value: '' })),
    requires: { tools: [...requires.tools], labels: pairsOf(requires.labels) },
    runner: spec.runner ?? '',
    instance: spec.instance ?? '',
    priority: spec.priority,
    slots: spec.slots,
    timeoutSeconds: spec.timeoutSeconds,
    queueTimeoutSeconds: spec.queueTimeoutSeconds,
    onLost: spec.onLost,
    maxAttempts: spec.maxAttempts,
    concurrency: {
      key: concurrency?.key ?? '',
      limit: concurrency?.limit ?? '',
      supersede: concurrency?.supersede ?? 'none',
    },
    retry: {
      maxAttempts: retry?.maxAttempts ?? '',
      onExitCodes: retry?.onExitCodes.map(String) ?? [],
      backoffSeconds: retry?.backoffSeconds ?? '',
    },
    fanOut: { wanted: fanOut !== null, batchSize: fanOut?.batchSize ?? '', offline: fanOut?.offline ?? 'skip' },
    kept: keptOf(spec),
  };
}

function keptOf({ source, files, executor, scope, requires, retry }: JobSpec): Kept {
  return {
    ...(source && { source: withoutNulls(source) }),
    ...(files.length > 0 && { files: [...files] }),
    ...(executor.type !== 'shell' && { executor }),
    ...(scope && { scope: withoutNulls(scope) }),
    ...(Object.keys(requires.prefers).length > 0 && { prefers: requires.prefers }),
    ...(retry && retry.onReasons.length > 0 && { onReasons: retry.onReasons }),
  };
}

/** A stored spec says null where a submit leaves out. */
function withoutNulls<Spec extends object>(spec: Spec): Spec {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null)) as Spec;
}

function pairsOf(record: Readonly<Record<string, string>>): Pair[] {
  return Object.entries(record).map(([name, value]) => ({ id: rowId(), name, value }));
}
