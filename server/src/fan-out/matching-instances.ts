import { Inject, Injectable } from '@nestjs/common';
import type { JobSpec, OrganizationId, Tool } from '@dibs/shared';
import type { Queryable } from '../database/database.js';
import type { InstanceFacts } from '../domain/dispatch/eligibility.js';
import { fanOutPlace } from '../domain/dispatch/fan-out-place.js';
import { laneOf } from '../domain/dispatch/lanes.js';
import type { FanOutTarget } from '../domain/job/fan-out.js';
import { TIMING_SETTINGS, type TimingSettings } from '../platform/settings.js';
import { KNOWN_INSTANCES } from './fan-out.sql.js';

export interface MatchingInstances {
  readonly targets: readonly FanOutTarget[];
  /** They match, but are offline or drain, and the job skips such instances: as `runner/instance`. */
  readonly skipped: readonly string[];
}

interface InstanceRow {
  readonly runnerName: string;
  readonly instanceName: string;
  readonly slots: number;
  readonly tools: readonly Tool[];
  readonly labels: Readonly<Record<string, string>>;
  readonly runnerDisabled: boolean;
  readonly everything: boolean;
  readonly online: boolean;
  readonly draining: boolean;
  readonly stackIds: readonly string[];
  readonly namespaceIds: readonly string[];
  readonly moduleIds: readonly string[];
}

/** Which instances a job is to be fanned out to, by the database: those of other servers count as well. */
@Injectable()
export class MatchingInstancesReader {
  constructor(@Inject(TIMING_SETTINGS) private readonly timing: TimingSettings) {}

  async read(tx: Queryable, organizationId: OrganizationId, spec: JobSpec): Promise<MatchingInstances> {
    const rows = await tx.query<InstanceRow>(KNOWN_INSTANCES, [organizationId, this.timing.offlineAfterMs]);
    const { requirements } = laneOf(organizationId, spec);
    const offline = spec.fanOut?.offline ?? 'skip';
    const targets: FanOutTarget[] = [];
    const skipped: string[] = [];
    for (const row of rows) {
      const { runnerName: runner, instanceName: instance } = row;
      const place = fanOutPlace(factsOf(row, organizationId), requirements, offline);
      if (place === 'child') targets.push({ runner, instance });
      else if (place === 'skipped') skipped.push(`${runner}/${instance}`);
    }
    return { targets, skipped };
  }
}

function factsOf(row: InstanceRow, organizationId: OrganizationId): InstanceFacts {
  const { runnerName, instanceName, runnerDisabled, online, draining, slots, labels, everything } = row;
  return {
    ...{ organizationId, runnerName, instanceName, runnerDisabled, online, draining, slots, labels },
    // whether it could take the job at once is not asked
    ...{ freeSlots: slots, paused: null, unresponsive: false },
    tools: new Map(row.tools.map(({ name, version }) => [name, version])),
    assignments: {
      everything,
      stackIds: new Set(row.stackIds),
      namespaceIds: new Set(row.namespaceIds),
      moduleIds: new Set(row.moduleIds),
    },
  };
}
