import type { InstanceId, JobId, RunnerId, ServicePrincipalId } from '../ids.js';
import type { Tool } from '../protocol/hello.js';
import type { ClientCredentials } from './access.js';

export interface CreateRunnerBody {
  name: string;
  /** Absent: a service principal is made for this runner. */
  servicePrincipalId?: string;
  allowMultipleInstances?: boolean;
  /** false: only jobs of what it is assigned to may use it. */
  isAssignedToAllModules?: boolean;
  /** Higher goes first among instances that fit a job equally well; -100 to 100, default 0. */
  priority?: number;
  disabled?: boolean;
}

export const MAX_RUNNER_PRIORITY = 100;

export type UpdateRunnerBody = Partial<Omit<CreateRunnerBody, 'servicePrincipalId'>>;

/** Body of `POST /api/v1/runners/register`: what a runner process sends that has an API key instead of credentials. */
export interface RegisterRunnerBody {
  name: string;
  /** The instance that asks: a later registration of the same instance replaces its earlier secret. */
  instance: string;
}

export interface RunnerView {
  readonly id: RunnerId;
  readonly name: string;
  readonly servicePrincipalId: ServicePrincipalId;
  readonly allowMultipleInstances: boolean;
  readonly isAssignedToAllModules: boolean;
  /** How many stacks, namespaces and modules it is assigned to; they count only while it is not assigned to everything. */
  readonly assignments: number;
  readonly priority: number;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly instances: { readonly online: number; readonly draining: number; readonly offline: number };
}

/** The only answer that ever holds the secret. `credentials` is absent when an existing principal was named. */
export interface RunnerCreated extends RunnerView {
  readonly credentials?: ClientCredentials;
}

export const ASSIGNMENT_KINDS = ['stack', 'namespace', 'module'] as const;
export type AssignmentKind = (typeof ASSIGNMENT_KINDS)[number];

/** Body of `POST /api/v1/runners/{id}/assignments`: exactly one of them. */
export interface CreateAssignmentBody {
  stackId?: string;
  namespaceId?: string;
  moduleId?: string;
}

/** A part of the hierarchy, inner parts included, whose jobs the runner may take. */
export interface AssignmentView {
  readonly id: string;
  readonly kind: AssignmentKind;
  readonly targetId: string;
  /** Names from the stack inwards, as in `prod/network/vpc`. */
  readonly path: string;
  readonly createdAt: string;
}

/** `GET /api/v1/runners/{id}/assignments` */
export interface RunnerAssignments {
  readonly isAssignedToAllModules: boolean;
  readonly items: readonly AssignmentView[];
}

/** Body of `POST /api/v1/runners/{id}/drain` and of `POST /api/v1/runners/{id}/instances/{name}/drain`. */
export interface DrainBody {
  /** The jobs that still run so many seconds later are given up; absent: the drain waits for them. */
  deadlineSeconds?: number;
}

export const INSTANCE_STATUSES = ['online', 'draining', 'offline'] as const;
export type InstanceStatus = (typeof INSTANCE_STATUSES)[number];

export interface InstanceView {
  readonly id: InstanceId;
  readonly name: string;
  readonly status: InstanceStatus;
  readonly hostName: string;
  readonly version: string;
  readonly slots: number;
  readonly tools: readonly Tool[];
  readonly labels: Readonly<Record<string, string>>;
  readonly jobs: readonly { readonly id: JobId; readonly name: string; readonly attempt: number }[];
  readonly connectedAt: string | null;
  readonly lastSeenAt: string | null;
  readonly disconnectedAt: string | null;
  /** Why the last connection ended, in words. */
  readonly disconnectReason: string | null;
  /** An operator asked it to drain; undraining takes that back. */
  readonly drainRequested: boolean;
  /** When a drain gives up what still runs; null: it waits. */
  readonly drainDeadline: string | null;
}

/** One connection of an instance that has ended: `GET /api/v1/runners/{id}/instances/{name}/connections`. */
export interface ConnectionView {
  readonly connectedAt: string;
  readonly disconnectedAt: string;
  /** Why it ended, in words. */
  readonly reason: string;
  /** Of the websocket's close frame; null: there was none. */
  readonly closeCode: number | null;
  /** The runner drained or said goodbye, or the server was stopped: nothing to worry about. */
  readonly planned: boolean;
}
