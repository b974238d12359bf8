import type { EngineOutput, EngineSpec, JobReason, PlanSummary, StateLock } from '@dibs/shared';
import type { Workspace } from '../workspace/workspace.js';

/** How one of the engines is called. Each method makes its calls one after the other and rejects when one of them fails. */
export interface Engine {
  /** What its processes get beside the environment of every step. */
  environment(spec: EngineSpec): Record<string, string>;
  init(context: EngineContext): Promise<void>;
  validate(context: EngineContext): Promise<void>;
  /** Writes the plan to `file`. */
  plan(context: EngineContext, file: string): Promise<void>;
  /** What a plan in `file` would do. */
  count(context: EngineContext, file: string): Promise<PlanCounts>;
  apply(context: EngineContext, file: string): Promise<void>;
  outputs(context: EngineContext): Promise<Record<string, EngineOutput>>;
  unlock(context: EngineContext): Promise<void>;
  /** What the end of its output says of the lock; null: nothing. */
  lockIn(output: string): LockWord | null;
}

export type PlanCounts = Omit<PlanSummary, 'sha256'>;

/** `unclear`: something went wrong with the lock, and the engine does not say with which. */
export type LockWord = Extract<StateLock, { state: 'held' }> | { readonly state: 'unclear' };

/** What a phase of a job works with. */
export interface EngineContext {
  readonly spec: EngineSpec;
  readonly workspace: Pick<Workspace, 'stepDir' | 'privateDir'>;
  /** Of the step, complete. */
  readonly env: Readonly<Record<string, string>>;
  /** Names of the variables among `env` that hold secrets. */
  readonly secretNames: ReadonlySet<string>;
  readonly calls: EngineCalls;
  /** A line for the job's log. */
  readonly say: (line: string) => void;
}

export interface EngineCalls {
  /** Runs the engine; what it prints goes to the log. @throws CallFailed when it does not end with 0 */
  run(args: readonly string[], how?: CallOptions): Promise<void>;
  /** Runs the engine and returns what it prints to standard output, which is not shown anywhere. @throws CallFailed */
  read(args: readonly string[]): Promise<string>;
}

export interface CallOptions {
  /** It takes the lock of the state, and gives it back when it ends by itself. */
  readonly locks?: boolean;
  /** File that becomes standard input. */
  readonly stdin?: string;
}

/** The step fails, though not by the exit code of a call. The message is said in the log. */
export class EngineRefusal extends Error {
  constructor(
    readonly reason: Extract<JobReason, 'step_failed' | 'policy_refused' | 'plan_unavailable' | 'results_not_stored'>,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EngineRefusal';
  }
}

/** Arguments of the caller for one phase. They come before the runner's own, of which the last one counts. */
export function flagsOf({ flags }: EngineSpec, phase: keyof EngineSpec['flags']): readonly string[] {
  const given = flags[phase] ?? [];
  const wrong = given.find((flag) => !/^--?[A-Za-z0-9]/.test(flag) || flag.includes('\0'));
  if (wrong === undefined) return given;
  throw new EngineRefusal(
    'step_failed',
    `${JSON.stringify(wrong)} is not a flag: it must begin with a dash and a name.`,
  );
}

/** A value that stands alone among the arguments, and must not be taken for a flag. */
export function operand(what: string, value: string): string {
  if (value !== '' && !value.startsWith('-') && !value.includes('\0')) return value;
  throw new EngineRefusal('step_failed', `${JSON.stringify(value)} cannot be the name of ${what}.`);
}
