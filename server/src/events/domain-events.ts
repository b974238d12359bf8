import type {
  CancelOrder,
  InstanceId,
  JobHint,
  JobId,
  JobReason,
  OrganizationId,
  RunnerId,
  SessionId,
  TerminalJobState,
} from '@dibs/shared';

/**
 * What happened, told after COMMIT and only inside this process. Every event is a hint: the sweeps find whatever
 * a lost event would have told. Names are in the past tense; listeners must not throw.
 */
export interface DomainEvents {
  /** A job became claimable: submitted, or given back after a lost attempt. */
  'job.queued': QueuedJob;
  /** A job waits to be let into the queue: submitted so, or it pauses before another try. */
  'job.waiting': WaitingJob;
  /** State, steps, attempts or cancel of a job changed. */
  'job.changed': { readonly organizationId: OrganizationId } & JobHint;
  /** A job was given to an instance; how long it had been queued, by the clock of the database. */
  'job.dispatched': { readonly organizationId: OrganizationId; readonly waitedMs: number };
  /** A job left the queue without a claim (canceled, expired). */
  'job.withdrawn': { readonly jobId: JobId };
  /** A job reached a terminal state, whoever ended it. */
  'job.ended': EndedJob;
  /** A cancel was recorded for a claimed or running job. */
  'job.cancel-requested': { readonly instanceId: InstanceId; readonly order: CancelOrder };
  'log.appended': LogAppended;
  /** A chunk was stored, by this server. */
  'log.stored': { readonly organizationId: OrganizationId; readonly jobId: JobId; readonly bytes: number };
  /** Somebody began to read the log of a job, or nobody does any more: on this server or on another one. */
  'job.watched': { readonly jobId: JobId; readonly watched: boolean };
  /** The same, of this server's readers alone: the other servers are told. */
  'log.watched': { readonly jobId: JobId; readonly watched: boolean };
  /** A run of a module began, reached another state, was decided on, or is to be canceled. */
  'module_run.changed': ModuleRunChanged;
  /** A run of a stack or namespace began or ended, is to be canceled, or one of its modules came further. */
  'scope_run.changed': ScopeRunChanged;
  /** Another server queued many jobs of this lane. */
  'lane.grown': { readonly lane: string };
  /** Outputs of a module are new, different or gone: their names. */
  'module.outputs_changed': OutputsChanged;
  /** What other servers told may have been lost until now: what matters is to be read again. */
  'bus.gap': Readonly<Record<string, never>>;
  /** Something was paused or goes on: the pauses are to be read again. */
  'pauses.changed': Readonly<Record<string, never>>;
  /** A runner record or one of its instances changed (connected, drained, gone, edited). */
  'runner.changed': { readonly organizationId: OrganizationId; readonly runnerId: RunnerId };
  /** An operator asked an instance to drain. */
  'instance.drain-requested': { readonly instanceId: InstanceId };
  /** Claims of a job that came too late. */
  'claims.lost': { readonly organizationId: OrganizationId; readonly jobId: JobId; readonly count: number };
  /** A runner record was disabled or deleted, or its credentials were revoked: its sockets must close. */
  'runner.revoked': { readonly runnerId: RunnerId };
  'session.opened': { readonly sessionId: SessionId; readonly instanceId: InstanceId };
  'session.closed': { readonly sessionId: SessionId; readonly instanceId: InstanceId };
}

export interface QueuedJob {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly lane: string;
  readonly priority: number;
  /** Its place in the lane: smaller goes first, then the smaller id. */
  readonly rank: number;
}

export interface WaitingJob {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  /** The group it waits for, or in which it makes room while it pauses; null: none. */
  readonly concurrencyKey: string | null;
  /** null: it does not wait for a time. */
  readonly wakeInMs: number | null;
}

export interface EndedJob {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly state: TerminalJobState;
  readonly reason: JobReason | null;
  /** The concurrency group in which it makes room; null: it is in none. */
  readonly concurrencyKey: string | null;
  /** The fan-out job that it was a child of. */
  readonly parentId: JobId | null;
  /** true: no line was ever stored for it. Otherwise nobody has looked. */
  readonly hasNoLog?: boolean;
}

export interface OutputsChanged {
  readonly organizationId: OrganizationId;
  readonly moduleId: string;
  readonly version: number;
  readonly changed: readonly string[];
}

export interface ModuleRunChanged {
  readonly organizationId: OrganizationId;
  readonly moduleId: string;
  readonly runId: string;
}

export interface ScopeRunChanged {
  readonly organizationId: OrganizationId;
  readonly stackId: string;
  /** null: it is of the whole stack */
  readonly namespaceId: string | null;
  readonly runId: string;
}

export interface LogAppended {
  readonly organizationId: OrganizationId;
  readonly jobId: JobId;
  readonly attempt: number;
  readonly upTo: number;
}
