import { createHash } from 'node:crypto';
import type { JobSpec, OrganizationId } from '@dibs/shared';

/** What a job demands of an instance. Jobs that demand the same share a lane and are matched once, together. */
export interface LaneRequirements {
  readonly organizationId: OrganizationId;
  readonly executor: JobSpec['executor']['type'];
  /** Name of the runner record; null: any. */
  readonly runner: string | null;
  /** Name of the instance; null: any. */
  readonly instance: string | null;
  /** Sorted, without repetitions. */
  readonly tools: readonly string[];
  /** Sorted by key. */
  readonly labels: readonly (readonly [key: string, value: string])[];
}

export interface Lane {
  /** Stable over processes and releases: it is stored with the job and indexed. */
  readonly fingerprint: string;
  readonly requirements: LaneRequirements;
}

/** The part of a spec that decides who may run it. */
export type Demands = Pick<JobSpec, 'executor' | 'requires' | 'runner' | 'instance'>;

/**
 * The lane of a job. The same demands in another order are the same lane. The canonical form is hashed because
 * labels have no useful length limit and PostgreSQL's index rows do (2,704 bytes).
 */
export function laneOf(organizationId: OrganizationId, demands: Demands): Lane {
  const requirements: LaneRequirements = {
    organizationId,
    executor: demands.executor.type,
    runner: demands.runner,
    instance: demands.instance,
    tools: [...new Set(demands.requires.tools)].sort(byCodeUnits),
    labels: Object.entries(demands.requires.labels).sort(([a], [b]) => byCodeUnits(a, b)),
  };
  return { fingerprint: fingerprintOf(requirements), requirements };
}

/** Bumped when the canonical form changes, so that old and new fingerprints cannot be mistaken for each other. */
const CANONICAL_FORM = 1;

function fingerprintOf({ organizationId, executor, runner, instance, tools, labels }: LaneRequirements): string {
  const canonical = JSON.stringify([CANONICAL_FORM, organizationId, executor, runner, instance, tools, labels]);
  return createHash('sha256').update(canonical).digest('base64url').slice(0, 32);
}

/** Not localeCompare: the order must not depend on the host's locale. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
