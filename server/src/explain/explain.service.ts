import { Injectable } from '@nestjs/common';
import { JOB_REASONS } from '@dibs/shared';
import type {
  AtMostCount,
  ClaimedBy,
  ExplainedFanOut,
  ExplainedGroup,
  ExplainedPause,
  FanOutSpec,
  JobExplanation,
  JobSpec,
} from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { InstanceRegistry } from '../dispatch/instance-registry.js';
import { PauseBook, type PauseNote } from '../dispatch/pause-book.js';
import { laneOf, storedLane, type Lane } from '../domain/dispatch/lanes.js';
import { DEFAULT_AGEING_MS } from '../domain/dispatch/rank.js';
import { verdictOf, type RunnerTally } from '../domain/dispatch/verdict.js';
import { ChildrenReader } from '../fan-out/children-reader.js';
import { jobIdOf, jobNotFound } from '../jobs/jobs.service.js';
import { ExplainRepository, type ExplainedJob, type GroupState } from './explain.repository.js';
import { MAX_COUNTED } from './explain.sql.js';
import { factsOf } from './facts-of.js';
import { LaneJudge } from './lane-judge.js';
import { inViewOf } from './held-back.js';
import { survey, type Survey, type Wanted } from './runner-tally.js';

/** Runners whose pauses are told one by one. */
const MAX_PAUSES = 20;
const NOBODY: Survey = {
  tally: { known: 0, fitting: 0, fittingDisabled: 0, canTakeNow: 0, byRule: new Map(), ready: null, nearest: null },
  listed: [],
  notListed: 0,
  fanOut: null,
};

/** Says why a job waits, in words that somebody who sees it can act on. */
@Injectable()
export class ExplainService {
  constructor(
    private readonly repository: ExplainRepository,
    private readonly judge: LaneJudge,
    private readonly registry: InstanceRegistry,
    private readonly pauses: PauseBook,
    private readonly children: ChildrenReader,
  ) {}

  async job({ organizationId }: Caller, id: string): Promise<JobExplanation> {
    const job = (await this.repository.find(organizationId, jobIdOf(id))) ?? jobNotFound();
    const lane = storedLane(job.lane, organizationId, job.demands);
    const waits = job.state === 'queued' || job.state === 'waiting';
    const group = waits && job.concurrencyKey !== null ? await this.groupOf(lane, job, job.id) : null;
    const quota = waits ? await this.repository.quota(organizationId) : null;
    const ahead = job.aheadInLane ?? (job.reason === 'concurrency_group' && group ? group.older : null);
    const made = job.fanOut === null ? null : await this.children.summarize(organizationId, job.id);
    return this.explanation(lane, { job, waits, group, quota, ahead, fanOut: job.fanOut, made });
  }

  /** What would become of a job that is submitted now. Nothing is stored. */
  async whatIf({ organizationId }: Caller, spec: JobSpec): Promise<JobExplanation> {
    const lane = laneOf(organizationId, spec);
    const { concurrency } = spec;
    const limits = { concurrencyKey: concurrency?.key ?? null, concurrencyLimit: concurrency?.limit ?? null };
    const group = concurrency ? await this.groupOf(lane, limits, null) : null;
    const quota = await this.repository.quota(organizationId);
    const isFull = group !== null && group.active + group.older >= group.limit;
    // a job that is fanned out is never in the queue itself
    const ahead = isFull
      ? group.older
      : spec.fanOut !== null
        ? null
        : await this.repository.aheadOfNew(lane.fingerprint, spec.priority * DEFAULT_AGEING_MS);
    return this.explanation(lane, { job: null, waits: true, group, quota, ahead, fanOut: spec.fanOut, made: null });
  }

  private async explanation(lane: Lane, asked: Asked): Promise<JobExplanation> {
    const { job, group, quota, waits, fanOut, made } = asked;
    // a job that has children leaves it to them to say whom they wait for
    const isForRunners = waits && made === null;
    const found = isForRunners ? await this.survey({ requirements: lane.requirements, fanOut }) : NOBODY;
    const { tally, listed, notListed } = found;
    const lanePause = this.pauses.holdsLane(lane.requirements.organizationId, lane.fingerprint);
    const ahead = asked.ahead === null ? null : atMost(asked.ahead);
    const claimedBy = claimedByOf(job);
    const wakeAt = job?.wakeAt?.toISOString() ?? null;
    const { verdict, summary } = verdictOf({
      state: job?.state ?? null,
      reason: job?.reason ?? null,
      reasonText: job?.reason ? JOB_REASONS[job.reason] : null,
      holder: claimedBy && `${claimedBy.runner}/${claimedBy.instance}`,
      tally,
      pause: lanePause && pauseInWords(lanePause),
      ahead,
      group: group && { ...group, isFull: group.active + group.older >= group.limit },
      quota: quota && { limit: quota.limit, isFull: quota.used >= quota.limit },
      wakeAt,
      fanOut: found.fanOut && {
        ...found.fanOut,
        batchSize: fanOut?.batchSize ?? null,
        skipped: found.fanOut.skipped.length,
      },
    });
    return {
      jobId: job?.id ?? null,
      state: job?.state ?? null,
      verdict,
      summary,
      lane: lane.fingerprint,
      queue: ahead,
      claimedBy,
      runners: inViewOf(verdict, listed),
      rules: [...tally.byRule].map(([rule, count]) => ({ rule, count })),
      canTakeNow: tally.canTakeNow,
      notListed,
      fanOut: fanOutView(made ?? found.fanOut, fanOut),
      pauses: waits ? this.pausesOf(lanePause, listed) : [],
      concurrency: group && viewOf(group),
      quota,
      wakeAt,
      queueExpiresAt: job !== null && waits ? job.queueExpiresAt.toISOString() : null,
    };
  }

  private async survey(wanted: Wanted): Promise<Survey> {
    const { requirements } = wanted;
    const { organizationId, runner } = requirements;
    const runners = await this.repository.runners(organizationId, runner);
    const instances = await this.repository.instances(organizationId, runner);
    const byId = new Map(runners.items.map((each) => [each.id, each]));
    const inMemory = { registry: this.registry, pauses: this.pauses };
    const judged = instances.items.flatMap((instance) => {
      const record = byId.get(instance.runnerId);
      return record ? [{ ...instance, facts: factsOf(organizationId, record, instance, inMemory) }] : [];
    });
    const found = survey(runners.items, judged, wanted);
    const unseen = runners.total - runners.items.length + instances.total - judged.length;
    // somebody beyond the limit may fit: then nobody must be told that it is hopeless
    const couldFit = unseen > 0 && found.tally.fitting === 0 && (await this.judge.couldEverRun(requirements));
    const tally: RunnerTally = couldFit ? { ...found.tally, fitting: 1 } : found.tally;
    return { ...found, tally, notListed: found.notListed + unseen };
  }

  private async groupOf(lane: Lane, limits: GroupLimits, id: ExplainedJob['id'] | null): Promise<Group> {
    const key = limits.concurrencyKey ?? '';
    const state = await this.repository.group(lane.requirements.organizationId, key, id);
    return { ...state, key, limit: limits.concurrencyLimit ?? 1 };
  }

  private pausesOf(lanePause: PauseNote | null, listed: Survey['listed']): ExplainedPause[] {
    const runners = new Map(listed.filter(({ rule }) => rule === 'paused').map((each) => [each.runnerId, each.runner]));
    const held = [...runners].slice(0, MAX_PAUSES).flatMap(([runnerId, runner]) => {
      const pause = this.pauses.holdsRunner(runnerId);
      return pause ? [pauseView(pause, runner)] : [];
    });
    return lanePause ? [pauseView(lanePause, null), ...held] : held;
  }
}

interface Asked {
  readonly job: ExplainedJob | null;
  /** It was not given to anybody yet, and has not ended. */
  readonly waits: boolean;
  readonly group: Group | null;
  readonly quota: { readonly limit: number; readonly used: number } | null;
  readonly ahead: number | null;
  readonly fanOut: FanOutSpec | null;
  /** The roll-up of its children; null: there are none (yet). */
  readonly made: Omit<ExplainedFanOut, 'batchSize'> | null;
}

type GroupLimits = Pick<ExplainedJob, 'concurrencyKey' | 'concurrencyLimit'>;
type Group = GroupState & { readonly key: string; readonly limit: number };

function viewOf({ key, limit, active, heldBy }: Group): ExplainedGroup {
  return { key, limit, active: atMost(active), heldBy };
}

function fanOutView(
  found: Omit<ExplainedFanOut, 'batchSize'> | null,
  fanOut: FanOutSpec | null,
): ExplainedFanOut | null {
  return found && { total: found.total, batchSize: fanOut?.batchSize ?? null, skipped: found.skipped };
}

function atMost(count: number): AtMostCount {
  return { count: Math.min(count, MAX_COUNTED), more: count > MAX_COUNTED };
}

function claimedByOf(job: ExplainedJob | null): ClaimedBy | null {
  if (job === null || job.state === 'queued' || job.state === 'waiting') return null;
  const { runnerId, runner, instanceId, instance } = job;
  if (runnerId === null || runner === null || instanceId === null || instance === null) return null;
  return { runnerId, runner, instanceId, instance };
}

const HELD: Readonly<Record<PauseNote['target']['type'], string>> = {
  server: 'The server is in maintenance',
  organization: 'The organization is paused',
  lane: 'Jobs with these requirements are paused',
  runner: 'The runner is paused',
};

function pauseInWords({ target, note }: PauseNote): string {
  return `${HELD[target.type]}: ${note}`;
}

/** Whoever keeps the installation may be of another organization: that name is not told. */
function pauseView({ target, note, who, since }: PauseNote, runner: string | null): ExplainedPause {
  const told = target.type === 'server' ? null : who;
  return { target: target.type, runner, note, who: told, since: since.toISOString() };
}
