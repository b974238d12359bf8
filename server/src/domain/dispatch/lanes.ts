import { createHash } from 'node:crypto';
import type { JobScope, JobSpec, OrganizationId } from '@dibs/shared';

/** What a job demands of an instance. Jobs that demand the same share a lane and are matched once, together. */
export interface LaneRequirements {
  readonly organizationId: OrganizationId;
  readonly executor: JobSpec['executor']['type'];
  /** Name of the runner record; null: any. */
  readonly runner: string | null;
  /** Name of the instance; null: any. */
  readonly instance: string | null;
  /** Names, or names with ranges of versions, as submitted; sorted, without repetitions. */
  readonly tools: readonly string[];
  /** Sorted by key. */
  readonly labels: readonly Label[];
  /** Labels that count in favour of an instance without being demanded; sorted by key. */
  readonly prefers: readonly Label[];
  /** How many slots a job takes up. */
  readonly slots: number;
  /** What the jobs deploy; null: nothing that the hierarchy knows. */
  readonly scope: JobScope | null;
}

export type Label = readonly [key: string, value: string];

export interface Lane {
  /** Stable over processes and releases: it is stored with the job and indexed. */
  readonly fingerprint: string;
  readonly requirements: LaneRequirements;
}

/** The part of a spec that decides who may run it. */
export type Demands = Pick<JobSpec, 'executor' | 'requires' | 'runner' | 'instance' | 'scope' | 'slots'>;

/** The demands of a stored job, which an older release may have written: what is missing was never asked for. */
export type StoredDemands = Pick<Demands, 'executor' | 'runner' | 'instance'> &
  Partial<Pick<Demands, 'scope' | 'slots'>> & {
    readonly requires: Pick<Demands['requires'], 'tools' | 'labels'> & Partial<Pick<Demands['requires'], 'prefers'>>;
  };

/**
 * The lane of a new job. The same demands in another order are the same lane. The canonical form is hashed because
 * labels have no useful length limit and PostgreSQL's index rows do (2,704 bytes).
 */
export function laneOf(organizationId: OrganizationId, demands: Demands): Lane {
  const requirements = requirementsOf(organizationId, demands);
  return { fingerprint: fingerprintOf(requirements), requirements };
}

/**
 * The lane of a job that is stored already. It keeps the name it was stored with: another release may have computed it
 * from another canonical form, and the queue is read by that name.
 */
export function storedLane(fingerprint: string, organizationId: OrganizationId, demands: StoredDemands): Lane {
  return { fingerprint, requirements: requirementsOf(organizationId, demands) };
}

function requirementsOf(organizationId: OrganizationId, demands: StoredDemands): LaneRequirements {
  const { executor, runner, instance, requires, scope, slots } = demands;
  return {
    organizationId,
    executor: executor.type,
    runner,
    instance,
    tools: [...new Set(requires.tools)].sort(byCodeUnits),
    labels: sorted(requires.labels),
    prefers: sorted(requires.prefers ?? {}),
    scope: scope ?? null,
    slots: slotsOf({ slots }),
  };
}

/** Slots that a job takes up. One that an older release has stored says nothing about it. */
export function slotsOf({ slots }: { readonly slots?: number | undefined }): number {
  return slots ?? 1;
}

/** Bumped when the canonical form changes, so that old and new fingerprints cannot be mistaken for each other. */
const CANONICAL_FORM = 2;

function fingerprintOf(requirements: LaneRequirements): string {
  const { organizationId, executor, runner, instance, tools, labels, prefers, scope, slots } = requirements;
  const where = scope && [scope.stackId, scope.namespaceId, scope.moduleId];
  const demands = [organizationId, executor, runner, instance, tools, labels, prefers, where, slots];
  const canonical = JSON.stringify([CANONICAL_FORM, ...demands]);
  return known.get(canonical) ?? remember(canonical, hashOf(canonical));
}

/** The next job usually needs what the last ones needed, and a hash costs more than finding it. */
const KNOWN_KEPT = 256;
const known = new Map<string, string>();

function remember(canonical: string, fingerprint: string): string {
  if (known.size >= KNOWN_KEPT) known.clear();
  known.set(canonical, fingerprint);
  return fingerprint;
}

function hashOf(canonical: string): string {
  return createHash('sha256').update(canonical).digest('base64url').slice(0, 32);
}

function sorted(labels: Readonly<Record<string, string>>): Label[] {
  return Object.entries(labels).sort(([a], [b]) => byCodeUnits(a, b));
}

/** Not localeCompare: the order must not depend on the host's locale. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
