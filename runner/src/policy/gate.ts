import type { GitSourceSpec, GrantedJob, JobReason, PlanSummary, StepSpec, Tool } from '@dibs/shared';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Logger } from 'pino';
import { PreapprovedHooks } from '../hooks/preapproved-hooks.js';
import type { GateSettings } from '../settings/settings.js';
import { problemOfJobEnvironment } from './job-environment.js';
import { PolicyFile } from './policy-file.js';
import type { Policy } from './policy.schema.js';
import { ruleAgainstJob, ruleAgainstPlan, type JobToJudge } from './policy-rules.js';

/** Why this host does not do what the server asks for. */
export interface Refused {
  readonly reason: Extract<JobReason, 'hook_not_preapproved' | 'policy_refused'>;
  /** For the log of the job. */
  readonly message: string;
}

type GatedJob = Pick<GrantedJob, 'spec' | 'secrets'>;

/**
 * What the people of this host allow, whatever the server says: the preapproved hooks and the policy file. Both are read anew
 * for every question, and what cannot be read allows nothing.
 */
export class Gate {
  private readonly hooks: PreapprovedHooks | null;
  private readonly policy: PolicyFile | null;

  constructor(
    private readonly settings: GateSettings,
    private readonly tools: readonly Tool[],
    private readonly log: Logger,
  ) {
    const { preapprovedHooks, policyFile } = settings;
    this.hooks = preapprovedHooks === null ? null : new PreapprovedHooks(preapprovedHooks);
    this.policy = policyFile === null ? null : new PolicyFile(policyFile, log);
  }

  /** Tells in the diagnostics what is wrong, before a job finds out. Never rejects. */
  async open(): Promise<void> {
    await this.policy?.read();
    const { preapprovedHooks, policyFile } = this.settings;
    for (const path of [preapprovedHooks, policyFile]) if (path !== null) await this.lookAt(path);
  }

  /** Whether there is anything to ask about the job. Most have nothing, and must not wait. */
  concerns({ spec }: GatedJob): boolean {
    return this.policy !== null || (this.hooks !== null && spec.steps.some(isHook));
  }

  /** All of the job, before anything of it is fetched or run. Never rejects. */
  async refusalOf(job: GatedJob): Promise<Refused | null> {
    return (await this.refusalOfHooks(job, job.spec.steps.filter(isHook))) ?? (await this.refusalByPolicy(job));
  }

  /** A git source that is only looked at: what may not be fetched is not asked for either. Never rejects. */
  refusalOfSource(source: GitSourceSpec): Promise<Refused | null> {
    return this.refusalByPolicy({ spec: { steps: [], source, files: [], env: {} }, secrets: {} });
  }

  /** The step, right before its script is run: what allowed it before may be gone. Never rejects. */
  async refusalOfStep(job: GatedJob, step: StepSpec): Promise<Refused | null> {
    return isHook(step) ? this.refusalOfHooks(job, [step]) : null;
  }

  /**
   * For the plan as this runner reads it, right before it is applied. null: there is no policy, so that the plan need not even
   * be read. What it returns never rejects, and tells why the plan is refused; null: it is not.
   */
  planCheck(): ((plan: Pick<PlanSummary, 'destroy'>) => Promise<string | null>) | null {
    if (this.policy === null) return null;
    return async (plan) => (await this.byPolicy((policy) => ruleAgainstPlan(policy, plan)))?.message ?? null;
  }

  private async refusalOfHooks(job: GatedJob, hooks: readonly StepSpec[]): Promise<Refused | null> {
    if (this.hooks === null || hooks.length === 0) return null;
    const environment = problemOfJobEnvironment(job);
    const message =
      environment === null ? await this.hooks.problemOf(hooks) : `No hook of this job is run: ${environment}.`;
    return message === null ? null : { reason: 'hook_not_preapproved', message };
  }

  private refusalByPolicy(job: JobToJudge): Promise<Refused | null> {
    return this.byPolicy((policy) =>
      ruleAgainstJob(policy, job, {
        engineVersion: (engine) => this.tools.find(({ name }) => name === engine)?.version ?? null,
        hooksPreapproved: this.hooks !== null,
      }),
    );
  }

  private async byPolicy(ruleAgainst: (policy: Policy) => string | null): Promise<Refused | null> {
    if (this.policy === null) return null;
    const { policy, problem } = await this.policy.read();
    const why = policy === null ? `the file ${problem}` : ruleAgainst(policy);
    return why === null ? null : { reason: 'policy_refused', message: `The policy of this runner forbids it: ${why}.` };
  }

  private async lookAt(path: string): Promise<void> {
    const may = (mode: number): Promise<boolean> =>
      access(path, mode).then(
        () => true,
        () => false,
      );
    if (!(await may(constants.R_OK))) this.log.warn({ path }, 'cannot be read: what it would have to allow is refused');
    if (await may(constants.W_OK)) this.log.warn({ path }, 'jobs run as the same user, and can change what is allowed');
  }
}

function isHook({ part }: StepSpec): boolean {
  return part?.type === 'hook';
}
