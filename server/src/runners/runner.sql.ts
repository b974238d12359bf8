import type { InstanceId, JobId, OrganizationId, RunnerId, ServicePrincipalId, SessionId, Tool } from '@dibs/shared';
import type { Statement } from '../database/database.js';

/**
 * An instance is live while it has a session that was heard of lately; a server that died leaves sessions behind
 * that only the clock ends. `$n` is offlineAfterMs.
 */
const live = (parameter: string): string => `
  (i.session_id IS NOT NULL AND i.last_seen_at > clock_timestamp() - make_interval(secs => ${parameter} / 1000.0))`;
const STATUS = (parameter: string): string => `
  CASE WHEN NOT coalesce(${live(parameter)}, false) THEN 'offline'
       WHEN i.draining OR i.drain_requested THEN 'draining'
       ELSE 'online' END`;

const RUNNER_COLUMNS = /* sql */ `
  r.id, r.organization_id AS "organizationId", r.name, r.service_principal_id AS "servicePrincipalId",
  r.allow_multiple_instances AS "allowMultipleInstances", r.is_assigned_to_all_modules AS "isAssignedToAllModules",
  r.priority, (SELECT count(*)::int FROM runner_assignments a WHERE a.runner_id = r.id) AS assignments,
  r.disabled_at IS NOT NULL AS "disabled", r.created_at AS "createdAt", c.online, c.draining, c.offline`;

const INSTANCE_COUNTS = (parameter: string): string => /* sql */ `
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE s.status = 'online')::int AS online,
      count(*) FILTER (WHERE s.status = 'draining')::int AS draining,
      count(*) FILTER (WHERE s.status = 'offline')::int AS offline
    FROM (SELECT ${STATUS(parameter)} AS status FROM runner_instances i WHERE i.runner_id = r.id) s
  ) c`;

export interface RunnerRow {
  readonly id: RunnerId;
  readonly organizationId: OrganizationId;
  readonly name: string;
  readonly servicePrincipalId: ServicePrincipalId;
  readonly allowMultipleInstances: boolean;
  readonly isAssignedToAllModules: boolean;
  readonly priority: number;
  readonly assignments: number;
  readonly disabled: boolean;
  readonly createdAt: Date;
  readonly online: number;
  readonly draining: number;
  readonly offline: number;
}

/** $1 organization, $2 offlineAfterMs, $3 id of the last one seen or null, $4 limit */
export const LIST_RUNNERS: Statement = {
  name: 'runner-list',
  text: /* sql */ `
    SELECT ${RUNNER_COLUMNS} FROM runners r ${INSTANCE_COUNTS('$2::float8')}
    WHERE r.organization_id = $1 AND ($3::uuid IS NULL OR r.id < $3) ORDER BY r.id DESC LIMIT $4`,
};

/** $1 organization, $2 offlineAfterMs, $3 id */
export const GET_RUNNER: Statement = {
  name: 'runner-get',
  text: /* sql */ `
    SELECT ${RUNNER_COLUMNS} FROM runners r ${INSTANCE_COUNTS('$2::float8')}
    WHERE r.organization_id = $1 AND r.id = $3`,
};

export interface InstanceRow {
  readonly id: InstanceId;
  readonly name: string;
  readonly status: 'online' | 'draining' | 'offline';
  readonly hostName: string;
  readonly version: string;
  readonly slots: number;
  readonly tools: readonly Tool[];
  readonly labels: Readonly<Record<string, string>>;
  readonly jobs: readonly { readonly id: JobId; readonly name: string; readonly attempt: number }[];
  readonly connectedAt: Date | null;
  readonly lastSeenAt: Date | null;
  readonly disconnectedAt: Date | null;
  readonly disconnectReason: string | null;
  readonly drainRequested: boolean;
  readonly drainDeadline: Date | null;
}

const INSTANCE_COLUMNS = /* sql */ `
  i.id, i.name, ${STATUS('$2::float8')} AS status, i.host_name AS "hostName", i.version, i.slots, i.tools, i.labels,
  i.connected_at AS "connectedAt", i.last_seen_at AS "lastSeenAt", i.disconnected_at AS "disconnectedAt",
  i.disconnect_reason AS "disconnectReason", i.drain_requested AS "drainRequested",
  CASE WHEN i.drain_requested THEN i.drain_deadline END AS "drainDeadline",
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('id', j.id, 'name', s.name, 'attempt', j.attempt) ORDER BY j.claimed_at, j.id)
    FROM jobs j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    WHERE j.organization_id = i.organization_id AND j.instance_id = i.id AND j.stage = 'held'), '[]')
    AS jobs`;

/** $1 organization, $2 offlineAfterMs, $3 runner, $4 name of the last one seen or null, $5 limit */
export const LIST_INSTANCES: Statement = {
  name: 'runner-instance-list',
  text: /* sql */ `
    SELECT ${INSTANCE_COLUMNS} FROM runner_instances i
    WHERE i.organization_id = $1 AND i.runner_id = $3 AND ($4::text IS NULL OR i.name > $4) ORDER BY i.name LIMIT $5`,
};

/** $1 organization, $2 offlineAfterMs, $3 runner, $4 name or null for every instance, $5 wanted, $6 seconds or null */
export const REQUEST_DRAIN = /* sql */ `
  UPDATE runner_instances i SET drain_requested = $5,
    drain_deadline = CASE WHEN $5 THEN clock_timestamp() + make_interval(secs => $6::float8) END
  WHERE i.organization_id = $1 AND i.runner_id = $3 AND ($4::text IS NULL OR i.name = $4)
  RETURNING ${INSTANCE_COLUMNS}`;

export interface ConnectionRow {
  readonly sessionId: SessionId;
  readonly connectedAt: Date;
  readonly disconnectedAt: Date;
  readonly reason: string;
  readonly closeCode: number | null;
  readonly planned: boolean;
}

/** $1 organization, $2 runner, $3 name of the instance */
export const FIND_INSTANCE: Statement = {
  name: 'runner-instance-find',
  text: /* sql */ `SELECT id FROM runner_instances WHERE organization_id = $1 AND runner_id = $2 AND name = $3`,
};

/** $1 organization, $2 instance, $3 the last one seen or null, $4 limit */
export const LIST_CONNECTIONS: Statement = {
  name: 'runner-instance-connections',
  text: /* sql */ `
    SELECT session_id AS "sessionId", connected_at AS "connectedAt", disconnected_at AS "disconnectedAt", reason,
      close_code AS "closeCode", planned
    FROM instance_connections
    WHERE organization_id = $1 AND instance_id = $2 AND ($3::uuid IS NULL OR session_id < $3)
    ORDER BY session_id DESC LIMIT $4`,
};

/** $1 days that they are kept, $2 of one instance at most so many */
export const FORGET_CONNECTIONS: Statement = {
  name: 'forget-connections',
  text: /* sql */ `
    WITH old AS (
      DELETE FROM instance_connections WHERE disconnected_at < clock_timestamp() - make_interval(days => $1)
    ), busy AS (
      SELECT organization_id, instance_id FROM instance_connections GROUP BY organization_id, instance_id
      HAVING count(*) > $2::int
    ), kept AS (
      SELECT busy.*, (
          SELECT session_id FROM instance_connections c
          WHERE c.organization_id = busy.organization_id AND c.instance_id = busy.instance_id
          ORDER BY session_id DESC OFFSET $2::int - 1 LIMIT 1
        ) AS since
      FROM busy
    )
    DELETE FROM instance_connections c USING kept k
    WHERE c.organization_id = k.organization_id AND c.instance_id = k.instance_id AND c.session_id < k.since`,
};
