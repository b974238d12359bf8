import type { AtMostCount, OverviewAlert, OverviewLane, RunnerId } from '@dibs/shared';
import type { UnstableInstance } from './overview.repository.js';

/** Alerts of one kind that are told one by one; whoever has more has one problem, not many. */
const MOST_OF_A_KIND = 10;

export interface AlertFacts {
  readonly lanes: readonly OverviewLane[];
  /** Notes of what holds everything, or the whole organization; null: nothing does. */
  readonly maintenance: string | null;
  readonly organizationPause: string | null;
  readonly pausedRunners: readonly { readonly id: RunnerId; readonly name: string; readonly note: string }[];
  readonly unstable: readonly UnstableInstance[];
  readonly unstableMinutes: number;
  /** Connected, but they let offers run out. */
  readonly unresponsive: readonly Omit<UnstableInstance, 'losses'>[];
}

/** What somebody should look at, the most urgent first; each names what to look at. */
export function alertsOf(facts: AlertFacts): OverviewAlert[] {
  const { lanes, maintenance, organizationPause, pausedRunners, unstable, unstableMinutes, unresponsive } = facts;
  return [
    ...lanesThat('no_runner_matches', lanes, ({ queued, demands, text }) => `${waiting(queued)} (${demands}). ${text}`),
    ...lanesThat('no_runner_online', lanes, ({ queued, demands, text }) => `${waiting(queued)} (${demands}). ${text}`),
    ...(maintenance === null ? [] : [alert('maintenance', `Nothing starts: maintenance. ${maintenance}`)]),
    ...(organizationPause === null
      ? []
      : [alert('organization_paused', `Nothing starts: the organization is paused. ${organizationPause}`)]),
    // a wider pause says it for all lanes
    ...(maintenance === null && organizationPause === null
      ? lanesThat('lane_paused', lanes, ({ queued, demands, text }) => `${waiting(queued)} (${demands}). ${text}`)
      : []),
    ...pausedRunners
      .slice(0, MOST_OF_A_KIND)
      .map(({ id, name, note }) => alert('runner_paused', `The runner ${name} is paused: ${note}`, { runnerId: id })),
    ...unresponsive.slice(0, MOST_OF_A_KIND).map(({ runnerId, instanceId, ...who }) =>
      alert('runner_unstable', `${nameOf(who)} is connected, but it does not answer offers.`, {
        runnerId,
        instanceId,
      }),
    ),
    ...unstable.slice(0, MOST_OF_A_KIND).map(({ runnerId, instanceId, losses, ...who }) =>
      alert(
        'runner_unstable',
        `${nameOf(who)} was disconnected ${losses} times in the last ${unstableMinutes} minutes.`,
        {
          runnerId,
          instanceId,
        },
      ),
    ),
  ];
}

function lanesThat(
  code: 'no_runner_matches' | 'no_runner_online' | 'lane_paused',
  lanes: readonly OverviewLane[],
  text: (lane: OverviewLane) => string,
): OverviewAlert[] {
  const standing = code === 'lane_paused' ? 'paused' : code;
  return lanes
    .filter((lane) => lane.standing === standing)
    .slice(0, MOST_OF_A_KIND)
    .map((lane) => alert(code, text(lane), { jobId: lane.jobId }));
}

function alert(
  code: OverviewAlert['code'],
  text: string,
  about: Partial<Pick<OverviewAlert, 'jobId' | 'runnerId' | 'instanceId'>> = {},
): OverviewAlert {
  return { code, text, jobId: null, runnerId: null, instanceId: null, ...about };
}

function waiting({ count, more }: AtMostCount): string {
  if (more) return `More than ${count} jobs wait`;
  return count === 1 ? 'One job waits' : `${count} jobs wait`;
}

function nameOf({ runner, instance }: Pick<UnstableInstance, 'runner' | 'instance'>): string {
  return runner === instance ? runner : `${runner}/${instance}`;
}
