import { Injectable } from '@nestjs/common';
import type { CancelMode, Hello, InstanceId, JobId, OrganizationId, RunnerId, SessionId } from '@dibs/shared';
import { Database, type Queryable, type Statement } from '../database/database.js';
import type { Visitor } from './visitor.js';

export interface KnownInstance {
  readonly instanceId: InstanceId;
  readonly bootId: string;
  readonly sessionId: SessionId | null;
  /** Milliseconds since it was last heard of; Infinity: never. */
  readonly silentMs: number;
}

export interface RunnerRecord {
  readonly allowMultipleInstances: boolean;
  readonly disabled: boolean;
}

export interface CurrentAttempt {
  readonly jobId: JobId;
  readonly attempt: number;
  readonly claimToken: string;
  readonly lastSeq: number;
  /** Slots that its job takes up. */
  readonly slots: number;
  /** false: it was granted to an earlier process of this instance. */
  readonly ofThisProcess: boolean;
}

const INSTANCE_COLUMNS = /* sql */ `id AS "instanceId", boot_id AS "bootId", session_id AS "sessionId",
  COALESCE(extract(epoch FROM clock_timestamp() - last_seen_at) * 1000, 'Infinity')::float8 AS "silentMs"`;

const FIND: Statement = {
  name: 'session.find',
  text: /* sql */ `SELECT ${INSTANCE_COLUMNS} FROM runner_instances WHERE runner_id = $1 AND name = $2`,
};

/** Sessions of one record are opened one after the other where only one instance may be online. */
const LOCK_RUNNER: Statement = {
  name: 'session.lock-runner',
  text: /* sql */ `
    SELECT allow_multiple_instances AS "allowMultipleInstances", disabled_at IS NOT NULL AS disabled
    FROM runners WHERE id = $1 AND organization_id = $2 FOR NO KEY UPDATE`,
};

const READ_RUNNER: Statement = {
  name: 'session.read-runner',
  text: LOCK_RUNNER.text.replace('FOR NO KEY UPDATE', 'FOR KEY SHARE'),
};

const ENSURE: Statement = {
  name: 'session.ensure',
  text: /* sql */ `
    INSERT INTO runner_instances (id, organization_id, runner_id, name, boot_id, host_name, version, slots, tools, labels)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '[]', '{}')
    ON CONFLICT (runner_id, name) DO NOTHING`,
};

const LOCK: Statement = { name: 'session.lock', text: `${FIND.text} FOR NO KEY UPDATE` };

const OTHER_ONLINE: Statement = {
  name: 'session.other-online',
  text: /* sql */ `
    SELECT name FROM runner_instances
    WHERE runner_id = $1 AND id <> $2 AND session_id IS NOT NULL
      AND last_seen_at > clock_timestamp() - make_interval(secs => $3)
    LIMIT 1`,
};

const ENDED = 'organization_id, instance_id, session_id, connected_at, disconnected_at, reason, close_code, planned';

/**
 * A drain that an operator asked for lasts until the process restarts. The connection before may have been lost without
 * a word, and is part of the history all the same: it ended when the instance was last heard of.
 */
const OPEN: Statement = {
  name: 'session.open',
  text: /* sql */ `
    WITH replaced AS (
      INSERT INTO instance_connections (${ENDED})
      SELECT organization_id, id, session_id, connected_at, GREATEST(connected_at, last_seen_at),
        'it connected anew before the loss of this connection was known', NULL, false
      FROM runner_instances WHERE id = $1 AND session_id IS NOT NULL AND connected_at IS NOT NULL
      ON CONFLICT DO NOTHING
    )
    UPDATE runner_instances SET session_id = $2, boot_id = $3, host_name = $4, version = $5, slots = $6,
      tools = $7::jsonb, labels = $8::jsonb, draining = $9,
      drain_requested = CASE WHEN boot_id = $3 THEN drain_requested ELSE false END,
      drain_deadline = CASE WHEN boot_id = $3 THEN drain_deadline END,
      connected_at = clock_timestamp(), last_seen_at = clock_timestamp(), disconnected_at = NULL,
      disconnect_reason = NULL
    WHERE id = $1
    RETURNING drain_requested AS "drainRequested"`,
};

const LOCK_ATTEMPTS: Statement = {
  name: 'session.lock-attempts',
  text: /* sql */ `
    SELECT j.id AS "jobId", j.attempt, j.claim_token AS "claimToken", j.last_seq AS "lastSeq", j.slots,
      COALESCE(j.boot_id = i.boot_id, false) AS "ofThisProcess"
    FROM runner_instances i JOIN jobs j ON j.organization_id = i.organization_id AND j.instance_id = i.id
    WHERE i.id = $1 AND j.stage = 'held'
    ORDER BY j.id
    FOR NO KEY UPDATE OF j`,
};

const RESUME: Statement = {
  name: 'session.resume',
  text: /* sql */ `
    WITH resumed AS (
      UPDATE jobs SET lease_expires_at = clock_timestamp() + make_interval(secs => $3)
      WHERE instance_id = $1 AND id = ANY($2::uuid[]) AND state IN ('claimed', 'running')
      RETURNING organization_id, id, attempt, runner_name, instance_name, cancel_mode
    ), events AS (
      INSERT INTO job_events (organization_id, job_id, attempt, type, data)
      SELECT organization_id, id, attempt, 'runner_reconnected',
        jsonb_build_object('runner', runner_name, 'instance', instance_name)
      FROM resumed
    )
    SELECT id AS "jobId", cancel_mode AS "cancelMode" FROM resumed`,
};

const CLOSED_AND_TOLD = /* sql */ `
    closed AS (
      UPDATE runner_instances i SET session_id = NULL, disconnected_at = clock_timestamp(), disconnect_reason = l.reason
      FROM locked l WHERE i.id = l.id
      RETURNING i.id, i.organization_id, i.runner_id, l.session_id, l.reason, l.close_code, l.planned, i.connected_at,
        i.disconnected_at
    ), history AS (
      INSERT INTO instance_connections (${ENDED})
      SELECT organization_id, id, session_id, COALESCE(connected_at, disconnected_at), disconnected_at, reason,
        close_code, planned
      FROM closed
      ON CONFLICT DO NOTHING
    ), events AS (
      INSERT INTO job_events (organization_id, job_id, attempt, type, data)
      SELECT j.organization_id, j.id, j.attempt, 'runner_disconnected',
        jsonb_build_object('runner', j.runner_name, 'instance', j.instance_name, 'reason', c.reason)
      FROM closed c JOIN jobs j ON j.organization_id = c.organization_id AND j.instance_id = c.id
        AND j.stage = 'held'
    )
    SELECT id AS "instanceId", organization_id AS "organizationId", runner_id AS "runnerId", session_id AS "sessionId"
    FROM closed`;

const CLOSE: Statement = {
  name: 'session.close',
  text: /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT i.id, i.session_id, g.reason, g.close_code, g.planned OR i.draining OR i.drain_requested AS planned
      FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::boolean[])
        AS g (instance_id, session_id, reason, close_code, planned)
      JOIN runner_instances i ON i.id = g.instance_id AND i.session_id = g.session_id
      ORDER BY i.id
      FOR NO KEY UPDATE OF i
    ), ${CLOSED_AND_TOLD}`,
};

/** Sessions of a server that died, and runners that fell silent. */
const CLOSE_SILENT: Statement = {
  name: 'session.close-silent',
  text: /* sql */ `
    WITH locked AS MATERIALIZED (
      SELECT id, session_id, $2::text AS reason, NULL::int AS close_code, false AS planned FROM runner_instances
      WHERE session_id IS NOT NULL AND last_seen_at < clock_timestamp() - make_interval(secs => $1)
      ORDER BY id LIMIT 500
      FOR NO KEY UPDATE SKIP LOCKED
    ), ${CLOSED_AND_TOLD}`,
};

export interface ClosedSession {
  readonly instanceId: InstanceId;
  readonly sessionId: SessionId;
  readonly organizationId: OrganizationId;
  readonly runnerId: RunnerId;
}

export interface SessionEnd {
  /** In words, shown to operators. */
  readonly reason: string;
  /** Of the websocket's close frame; null: there was none. */
  readonly closeCode: number | null;
  /** One side said goodbye; an instance that drains is expected to go in any way. */
  readonly planned: boolean;
}

export interface ClosingSession extends SessionEnd {
  readonly instanceId: InstanceId;
  readonly sessionId: SessionId;
}

/** The session columns of `runner_instances`, and the attempts that go with a session. */
@Injectable()
export class SessionRepository {
  constructor(private readonly database: Database) {}

  async find({ runnerId, instanceName }: Pick<Visitor, 'runnerId' | 'instanceName'>): Promise<KnownInstance | null> {
    const [row] = await this.database.query<KnownInstance>(FIND, [runnerId, instanceName]);
    return row ?? null;
  }

  /** @returns null when the record is gone */
  async readRunner(tx: Queryable, { runnerId, organizationId }: Visitor): Promise<RunnerRecord | null> {
    const [read] = await tx.query<RunnerRecord>(READ_RUNNER, [runnerId, organizationId]);
    if (read === undefined || read.allowMultipleInstances) return read ?? null;
    const [locked] = await tx.query<RunnerRecord>(LOCK_RUNNER, [runnerId, organizationId]);
    return locked ?? null;
  }

  /** Makes sure the row is there, and locks it. */
  async lock(tx: Queryable, visitor: Visitor, hello: Hello, newId: string): Promise<KnownInstance> {
    const { organizationId, runnerId, instanceName, bootId } = visitor;
    const { hostName, runnerVersion, slots } = hello;
    await tx.query(ENSURE, [newId, organizationId, runnerId, instanceName, bootId, hostName, runnerVersion, slots]);
    const [row] = await tx.query<KnownInstance>(LOCK, [runnerId, instanceName]);
    return row!;
  }

  /** Name of another instance of this record that is online. */
  async otherOnline(
    tx: Queryable,
    runnerId: RunnerId,
    not: InstanceId,
    offlineAfterMs: number,
  ): Promise<string | null> {
    const [row] = await tx.query<{ name: string }>(OTHER_ONLINE, [runnerId, not, offlineAfterMs / 1_000]);
    return row?.name ?? null;
  }

  async open(
    tx: Queryable,
    instanceId: InstanceId,
    sessionId: SessionId,
    bootId: string,
    hello: Hello,
  ): Promise<{ readonly drainRequested: boolean }> {
    const { hostName, runnerVersion, slots, tools, labels, draining } = hello;
    const facts = [hostName, runnerVersion, slots, JSON.stringify(tools), JSON.stringify(labels), draining];
    const [row] = await tx.query<{ drainRequested: boolean }>(OPEN, [instanceId, sessionId, bootId, ...facts]);
    return row!;
  }

  lockAttempts(tx: Queryable, instanceId: InstanceId): Promise<CurrentAttempt[]> {
    return tx.query(LOCK_ATTEMPTS, [instanceId]);
  }

  /** Renews leases. @returns the cancels that are open */
  async resume(
    tx: Queryable,
    instanceId: InstanceId,
    jobIds: readonly JobId[],
    leaseMs: number,
  ): Promise<Map<JobId, CancelMode | null>> {
    if (jobIds.length === 0) return new Map();
    const values = [instanceId, jobIds, leaseMs / 1_000];
    const rows = await tx.query<{ jobId: JobId; cancelMode: CancelMode | null }>(RESUME, values);
    return new Map(rows.map(({ jobId, cancelMode }) => [jobId, cancelMode]));
  }

  /** Only sessions that are still the live ones. */
  close(sessions: readonly ClosingSession[]): Promise<ClosedSession[]> {
    return this.database.query(CLOSE, [
      sessions.map((session) => session.instanceId),
      sessions.map((session) => session.sessionId),
      sessions.map((session) => session.reason),
      sessions.map((session) => session.closeCode),
      sessions.map((session) => session.planned),
    ]);
  }

  closeSilent(silentMs: number, reason: string): Promise<ClosedSession[]> {
    return this.database.query(CLOSE_SILENT, [silentMs / 1_000, reason]);
  }
}
