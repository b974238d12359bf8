import { Injectable } from '@nestjs/common';
import { JOB_REASONS, MAX_OVERVIEW_COUNT } from '@dibs/shared';
import type { AtMostCount, Overview, OrganizationId, RunnerCounts } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { InstanceRegistry } from '../dispatch/instance-registry.js';
import { PauseBook, type PauseNote } from '../dispatch/pause-book.js';
import { RecheckCache } from '../platform/recheck-cache.js';
import { summarize, SHOWN_MINUTES } from './activity-summary.js';
import { alertsOf } from './alerts.js';
import { LaneBoard } from './lane-board.js';
import { OverviewRepository } from './overview.repository.js';
import { RunnerBoard, type KnownRunners } from './runner-board.js';

/** Many pages may be open; together they cost what one costs. */
const KEPT_MS = 1_000;
const UNSTABLE_MINUTES = 15;
/** Once is a restart, twice is a deployment gone back. */
const UNSTABLE_FROM = 3;
const MOST_UNSTABLE = 10;

/** The state of an organization at one moment, at a cost that does not grow with its jobs. */
@Injectable()
export class OverviewService {
  private readonly kept = new RecheckCache<Overview>((id) => this.look(id as OrganizationId), KEPT_MS);

  constructor(
    private readonly repository: OverviewRepository,
    private readonly lanes: LaneBoard,
    private readonly runners: RunnerBoard,
    private readonly registry: InstanceRegistry,
    private readonly pauses: PauseBook,
  ) {}

  async of({ organizationId }: Caller): Promise<Overview> {
    return (await this.kept.get(organizationId))!;
  }

  /** One after the other: a page that looks every few seconds needs one connection, not eight. */
  private async look(organizationId: OrganizationId): Promise<Overview> {
    const known = await this.runners.of(organizationId);
    const board = await this.lanes.of(organizationId, known.facts);
    const running = await this.repository.running(organizationId);
    const waiting = await this.repository.waiting(organizationId);
    const activity = await this.repository.activity(organizationId, SHOWN_MINUTES * 60);
    const seconds = UNSTABLE_MINUTES * 60;
    const unstable = await this.repository.unstable(organizationId, seconds, UNSTABLE_FROM, MOST_UNSTABLE);
    const { claimsPerSecond, lastHour, minutes } = summarize(activity, running.at);
    return {
      at: running.at.toISOString(),
      queued: board.queued,
      running: atMost(running.count),
      waiting: atMost(waiting.reduce((sum, { count }) => sum + count, 0)),
      waitingFor: waiting
        .map(({ reason, count }) => ({ reason, text: JOB_REASONS[reason], count: atMost(count) }))
        .sort((a, b) => b.count.count - a.count.count),
      lanes: board.lanes,
      lanesNotListed: board.notListed,
      runners: countsOf(known),
      claimsPerSecond,
      lastHour,
      minutes,
      alerts: alertsOf({
        lanes: board.judged,
        ...this.held(organizationId),
        pausedRunners: known.runners.flatMap(({ id, name }) => {
          const pause = this.pauses.holdsRunner(id);
          return pause ? [{ id, name, note: pause.note }] : [];
        }),
        unstable,
        unstableMinutes: UNSTABLE_MINUTES,
        unresponsive: this.unresponsive(organizationId),
      }),
    };
  }

  private held(organizationId: OrganizationId): { maintenance: string | null; organizationPause: string | null } {
    const { holdsEverything } = this.pauses;
    // no lane has this name: what is found holds the whole organization
    const widest = this.pauses.holdsLane(organizationId, '');
    const organization = widest?.target.type === 'organization' ? widest : null;
    const note = (pause: PauseNote | null): string | null => pause?.note ?? null;
    return { maintenance: note(holdsEverything), organizationPause: note(organization) };
  }

  /** Each server knows its own sessions: the other servers' are told by them. */
  private unresponsive(organizationId: OrganizationId) {
    return [...this.registry.all()]
      .filter((session) => session.organizationId === organizationId && session.unresponsive)
      .map(({ identity: { runnerId, runnerName: runner, instanceId, instanceName: instance } }) => ({
        runnerId,
        runner,
        instanceId,
        instance,
      }));
  }
}

function countsOf({ instances }: KnownRunners): RunnerCounts {
  const [present, gone] = [instances.filter(({ online }) => online), instances.filter(({ online }) => !online)];
  const serving = present.filter(({ draining }) => !draining);
  const busy = serving.filter(({ usedSlots }) => usedSlots > 0);
  return {
    idle: serving.length - busy.length,
    busy: busy.length,
    draining: present.length - serving.length,
    offline: gone.length,
    slots: serving.reduce((sum, { slots }) => sum + slots, 0),
    usedSlots: serving.reduce((sum, { usedSlots }) => sum + usedSlots, 0),
  };
}

function atMost(count: number): AtMostCount {
  return { count: Math.min(count, MAX_OVERVIEW_COUNT), more: count > MAX_OVERVIEW_COUNT };
}
