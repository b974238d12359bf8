import type { ArchiveSourceSpec, FanOutSpec, JobSpec, OnLost, StepShell, SubmitJobBody, Supersede } from '@dibs/shared';

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

export interface FileDraft {
  readonly id: string;
  path: string;
  content: string;
}

/** What stands in the form; '' is a field that was left to its default. Names are those of the body where they can be. */
export interface JobDraft {
  name: string;
  steps: StepDraft[];
  env: Pair[];
  secrets: Pair[];
  source: { url: string; revision: string; path: string; depth: number | '' };
  files: FileDraft[];
  requires: { tools: string[]; labels: Pair[]; prefers: Pair[] };
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
  /** What it deploys; ids. */
  scope: { stackId: string; namespaceId: string; moduleId: string };
  /** Of the job that is retried: what the form has no fields for goes along as it is. */
  kept: Kept;
}

export type Kept = Pick<SubmitJobBody, 'executor'> & {
  readonly onReasons?: JobReasons;
  readonly archive?: ArchiveSourceSpec;
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

export function emptyFile(): FileDraft {
  return { id: rowId(), path: '', content: '' };
}

export function emptyDraft(): JobDraft {
  return {
    name: '',
    steps: [emptyStep()],
    env: [],
    secrets: [],
    source: { url: '', revision: '', path: '', depth: '' },
    files: [],
    requires: { tools: [], labels: [], prefers: [] },
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
    scope: { stackId: '', namespaceId: '', moduleId: '' },
    kept: {},
  };
}

/** The job once more, to be changed. Of secrets only the names are known: their values must be entered again. */
export function draftOf(spec: JobSpec, secretNames: readonly string[]): JobDraft {
  const { source, requires, concurrency, retry, fanOut, scope } = spec;
  const git = source?.type === 'git' ? source : null;
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
    source: {
      url: git?.url ?? '',
      revision: git?.revision ?? '',
      path: git?.path ?? '',
      depth: git?.depth ?? '',
    },
    files: spec.files.map(({ path, content }) => ({ id: rowId(), path, content })),
    requires: {
      tools: [...requires.tools],
      labels: pairsOf(requires.labels),
      prefers: pairsOf(requires.prefers),
    },
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
    scope: {
      stackId: scope?.stackId ?? '',
      namespaceId: scope?.namespaceId ?? '',
      moduleId: scope?.moduleId ?? '',
    },
    kept: keptOf(spec),
  };
}

function keptOf({ executor, retry, source }: JobSpec): Kept {
  return {
    ...(source?.type === 'archive' && { archive: source }),
    ...(executor.type !== 'shell' && { executor }),
    ...(retry && retry.onReasons.length > 0 && { onReasons: retry.onReasons }),
  };
}

function pairsOf(record: Readonly<Record<string, string>>): Pair[] {
  return Object.entries(record).map(([name, value]) => ({ id: rowId(), name, value }));
}
