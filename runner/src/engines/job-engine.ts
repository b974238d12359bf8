import type { EngineName, EnginePhase, EngineResult, EngineSpec, PlanSummary, StateLock } from '@dibs/shared';
import { delimiter } from 'node:path';
import type { StepRequest, StepRun } from '../executors/executor.js';
import { findExecutable } from '../process/find-executable.js';
import type { ProcessEnd, ProcessTree } from '../process/process-tree.js';
import type { CgroupRoot } from '../process/cgroup-folder.js';
import { AttemptFiles, type AttemptFilesOptions } from './attempt-files.js';
import type { CallOptions, Engine } from './engine.js';
import { EngineStep } from './engine-step.js';
import { PHASES } from './phases.js';
import { pulumi } from './pulumi.js';
import { terraform } from './terraform.js';

const ENGINES_BY_NAME: Readonly<Record<EngineName, Engine>> = { terraform, tofu: terraform, pulumi };

export interface JobEngineOptions {
  readonly spec: EngineSpec;
  /** Names of the variables of the environment that hold secrets. */
  readonly secretNames: readonly string[];
  readonly host: EngineHost;
  readonly files: Omit<AttemptFilesOptions, 'onTrouble'>;
  readonly say: (step: number, line: string) => void;
  readonly hide: (value: string) => void;
  readonly checkPlan?: (plan: PlanSummary) => Promise<string | null>;
}

export interface EngineHost {
  readonly cgroupRoot: CgroupRoot | null;
  /** Engine.AdditionalBinaryPaths: searched before `searchPath`. */
  readonly extraPathDirs: readonly string[];
  /** The PATH of the runner, never that of the job: which engine runs is for the host to say. */
  readonly searchPath: string | undefined;
  readonly pipeGraceMs: number;
}

export interface EngineStepRequest extends StepRequest {
  readonly phase: EnginePhase;
  readonly onProcess: (tree: Pick<ProcessTree, 'leader' | 'started'>) => void;
}

/** The engine of one job: runs its engine steps, and gathers what they find out. */
export class JobEngine {
  private readonly found: { plan: PlanSummary | null; stateLock: StateLock | null } = { plan: null, stateLock: null };
  private readonly engine: Engine;

  constructor(private readonly options: JobEngineOptions) {
    this.engine = ENGINES_BY_NAME[options.spec.name];
  }

  get result(): EngineResult {
    return { ...this.found };
  }

  /** @throws Error when the engine is not on this host */
  runStep({ phase, index, marker, workspace, env, onOutput, onProcess }: EngineStepRequest): StepRun {
    const { spec, secretNames, host, files, hide, checkPlan } = this.options;
    const program = findExecutable(spec.name, [...host.extraPathDirs, host.searchPath ?? ''].join(delimiter));
    if (program === null) throw new Error(`there is no ${spec.name} on this runner's PATH`);
    const say = (line: string): void => this.options.say(index, line);
    const engineEnv = { ...withoutArguments(env), ...this.engine.environment(spec) };
    const onTrouble = (why: string): void => say(`Trying again until the server takes part: ${why}`);
    const { cgroupRoot, pipeGraceMs } = host;
    return new EngineStep({
      program,
      process: { cwd: workspace.stepDir, env: engineEnv, marker, cgroupRoot, pipeGraceMs },
      ...{ onOutput, onProcess, say },
      onEnded: (end, output, how) => this.noteLock(end, output, how),
      work: async (calls, signal) => {
        const context = { spec, workspace, env: engineEnv, secretNames: new Set(secretNames), calls, say };
        const { engine, found } = this;
        await PHASES[phase]({
          ...context,
          ...{ engine, found, hide, signal },
          files: new AttemptFiles({ ...files, onTrouble }),
          ...(checkPlan && { checkPlan }),
        });
        if (phase === 'unlock') this.found.stateLock = { state: 'released' };
      },
    });
  }

  /** An engine that was killed says nothing of its lock, and nothing is what is known then. */
  private noteLock({ exitCode }: ProcessEnd, output: string, { locks = false }: CallOptions): void {
    const word = this.engine.lockIn(output);
    if (word?.state === 'held') this.found.stateLock = word;
    else if (locks) this.found.stateLock = exitCode !== null && word === null ? { state: 'released' } : null;
  }
}

/** The server refuses them already; on this side they would get past what the runner's owner allows. */
function withoutArguments(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TF_CLI_ARGS')));
}
