import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { MAX_OVERVIEW_COUNT } from '@dibs/shared';
import type { AtMostCount, OrganizationId, OverviewLane } from '@dibs/shared';
import { PauseBook, type PauseNote } from '../dispatch/pause-book.js';
import { QueueRepository } from '../dispatch/queue.repository.js';
import { demandWords } from '../domain/dispatch/demand-words.js';
import type { InstanceFacts } from '../domain/dispatch/eligibility.js';
import { standingOf } from './lane-standing.js';
import { MAX_LANE_COUNT } from './overview.sql.js';
import { OverviewRepository, type LaneDepth } from './overview.repository.js';

/** Lanes in an answer, and lanes looked at for it: the deepest, and those that no runner fits. */
const MOST_LISTED = 20;
const MOST_JUDGED = 50;
const YOUNGER_PLACES = 12;
/** Lanes that are known to be there at all, listed or not. */
const MOST_KNOWN = 500;

export interface Lanes {
  readonly queued: AtMostCount;
  readonly lanes: readonly OverviewLane[];
  readonly notListed: number;
  /** Those that were looked at, listed or not. */
  readonly judged: readonly OverviewLane[];
}

interface CountedLane extends Omit<LaneDepth, 'count'> {
  readonly queued: AtMostCount;
}

interface CountedLanes {
  /** The deepest first. */
  readonly lanes: readonly CountedLane[];
  /** How many there are, as far as they were looked for. */
  readonly known: number;
}

/** The queue by lane, and what becomes of each. */
@Injectable()
export class LaneBoard {
  constructor(
    private readonly repository: OverviewRepository,
    private readonly queue: QueueRepository,
    private readonly pauses: PauseBook,
  ) {}

  async of(organizationId: OrganizationId, instances: readonly InstanceFacts[]): Promise<Lanes> {
    const sample = await this.repository.queued(organizationId);
    const total = sample.reduce((sum, { count }) => sum + count, 0);
    const isWhole = total <= MAX_OVERVIEW_COUNT;
    const { lanes, known } = isWhole
      ? { lanes: sample.map(exactly).sort(byDepth), known: sample.length }
      : await this.counted(organizationId, sample);
    const judged = await this.judged(organizationId, lanes.slice(0, MOST_JUDGED), instances);
    return {
      queued: { count: Math.min(total, MAX_OVERVIEW_COUNT), more: !isWhole },
      lanes: judged.slice(0, MOST_LISTED),
      notListed: known - Math.min(judged.length, MOST_LISTED),
      judged,
    };
  }

  /** The sample is full: lanes may have more jobs than it shows, and others none in it. */
  private async counted(organizationId: OrganizationId, sample: readonly LaneDepth[]): Promise<CountedLanes> {
    const deepest = [...sample].sort((a, b) => b.count - a.count).map(({ lane }) => lane);
    const hopeless = await this.repository.hopelessLanes(organizationId, MOST_JUDGED / 2);
    const all = await this.repository.queuedLanes(organizationId, MOST_KNOWN);
    const sampled = new Map(sample.map((each) => [each.lane, each.count]));
    // those that are younger than the sample come after the deepest, and still have their share of the places
    const younger = all.filter((lane) => !sampled.has(lane));
    const places = MOST_JUDGED - hopeless.length - Math.min(younger.length, YOUNGER_PLACES);
    const known = new Set([...hopeless, ...deepest.slice(0, places), ...younger, ...deepest]);
    const depths = await this.repository.laneDepths(organizationId, [...known].slice(0, MOST_JUDGED));
    const counted = depths.map((each): CountedLane => {
      if (each.count <= MAX_LANE_COUNT) return exactly(each);
      return { ...each, queued: { count: Math.max(MAX_LANE_COUNT, sampled.get(each.lane) ?? 0), more: true } };
    });
    return { lanes: counted.sort(byDepth), known: Math.max(known.size, counted.length) };
  }

  private async judged(
    organizationId: OrganizationId,
    lanes: readonly CountedLane[],
    instances: readonly InstanceFacts[],
  ): Promise<OverviewLane[]> {
    const described = await this.queue.describe(lanes.map(({ lane }) => lane));
    const byName = new Map(described.map((lane) => [lane.fingerprint, lane]));
    const judged: OverviewLane[] = [];
    for (const { lane, queued, queuedSince, jobId } of lanes) {
      const requirements = byName.get(lane)?.requirements;
      // its last job has left the queue meanwhile
      if (requirements === undefined) continue;
      const pause = this.pauses.holdsLane(organizationId, lane);
      const { standing, text } = standingOf(requirements, instances, pause && pauseWords(pause));
      const demands = demandWords(requirements);
      judged.push({ lane, demands, queued, queuedSince: queuedSince.toISOString(), jobId, standing, text });
      // thousands of instances for each lane: others get their turn in between
      await nextTurn();
    }
    return judged;
  }
}

const HELD: Readonly<Record<PauseNote['target']['type'], string>> = {
  server: 'Maintenance',
  organization: 'The organization is paused',
  lane: 'Paused',
  runner: 'The runner is paused',
};

function pauseWords({ target, note }: PauseNote): string {
  return `${HELD[target.type]}: ${note}`;
}

function exactly({ count, ...lane }: LaneDepth): CountedLane {
  return { ...lane, queued: { count, more: false } };
}

function byDepth(a: CountedLane, b: CountedLane): number {
  return b.queued.count - a.queued.count || (a.lane < b.lane ? -1 : 1);
}
