import type { Statement } from '../database/database.js';
import { standAt, usesUpGroup, waitsForGroup } from '../jobs/job-stage.sql.js';
import { ASSIGNMENT_COLUMNS, WITH_ASSIGNMENTS } from './known-instances.repository.js';

/** Counting stops here: whoever waits behind a thousand others needs no better number. */
export const MAX_COUNTED = 1_000;
/** Records and instances looked at; far more than anybody registers, few enough for one answer. */
export const MAX_RUNNERS = 2_000;
export const MAX_INSTANCES = 10_000;
/** Jobs of a full concurrency group that are named. */
const MAX_HOLDERS = 20;

/**
 * The jobs of the lane before this one: a range of the index of the queue, and no more of it than is counted.
 * $1 organization, $2 job.
 */
export const FIND: Statement = {
  name: 'explain.job',
  text: /* sql */ `
    SELECT j.id, j.state, j.reason, j.lane, j.concurrency_key AS "concurrencyKey",
      j.concurrency_limit AS "concurrencyLimit", j.wake_at AS "wakeAt", j.queue_expires_at AS "queueExpiresAt",
      jsonb_build_object('executor', s.spec->'executor', 'requires', s.spec->'requires', 'runner', s.spec->'runner',
        'instance', s.spec->'instance', 'scope', s.spec->'scope', 'slots', s.spec->'slots') AS demands,
      NULLIF(s.spec->'fanOut', 'null'::jsonb) AS "fanOut",
      j.runner_id AS "runnerId", j.runner_name AS runner, j.instance_id AS "instanceId", j.instance_name AS instance,
      CASE WHEN j.state = 'queued' THEN (
        SELECT count(*)::int FROM (
          SELECT FROM jobs q WHERE q.lane = j.lane AND q.stage = 'queued' AND (q.rank, q.id) < (j.rank, j.id)
          ORDER BY q.rank, q.id LIMIT ${MAX_COUNTED + 1}) AS better)
      END AS "aheadInLane"
    FROM jobs j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    WHERE j.organization_id = $1 AND j.id = $2`,
};

/** Where a job that is submitted now would stand. $1 lane, $2 head start of its priority in ms. */
export const AHEAD_OF_NEW: Statement = {
  name: 'explain.ahead-of-new',
  text: /* sql */ `
    SELECT count(*)::int AS count FROM (
      SELECT FROM jobs WHERE lane = $1 AND stage = 'queued'
        AND rank <= floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - $2::bigint
      ORDER BY rank, id LIMIT ${MAX_COUNTED + 1}) AS better`,
};

/** $1 organization, $2 key of the group, $3 the job that asks, or null: a job is not told that it waits for itself. */
export const GROUP: Statement = {
  name: 'explain.group',
  text: /* sql */ `
    SELECT
      (SELECT count(*)::int FROM (
        SELECT FROM jobs j WHERE j.organization_id = $1 AND ${usesUpGroup('$2')} LIMIT ${MAX_COUNTED + 1}) AS open) AS active,
      (SELECT count(*)::int FROM (
        SELECT FROM jobs j WHERE j.organization_id = $1 AND ${waitsForGroup('$2')} AND ($3::uuid IS NULL OR j.id < $3)
        LIMIT ${MAX_COUNTED + 1}) AS older) AS older,
      COALESCE((
        SELECT jsonb_agg(jsonb_build_object('id', h.id, 'name', h.name, 'state', h.state) ORDER BY h.id)
        FROM (
          SELECT j.id, s.name, j.state FROM jobs j CROSS JOIN LATERAL (
            SELECT name FROM job_submissions WHERE organization_id = j.organization_id AND id = j.id OFFSET 0) AS s
          WHERE j.organization_id = $1 AND ${usesUpGroup('$2')}
            AND ($3::uuid IS NULL OR j.id <> $3)
          ORDER BY j.id LIMIT ${MAX_HOLDERS}) AS h), '[]') AS "heldBy"`,
};

/** As admission counts it: what is queued, and what somebody holds. $1 organization. */
export const QUOTA: Statement = {
  name: 'explain.quota',
  text: /* sql */ `
    SELECT o.max_running_jobs AS "limit", (
        (SELECT count(*) FROM (
          SELECT FROM jobs j WHERE j.organization_id = o.id AND ${standAt("'queued'")} LIMIT o.max_running_jobs) AS queued)
        + (SELECT count(*) FROM (
          SELECT FROM jobs j WHERE j.organization_id = o.id AND j.stage = 'held'
          LIMIT o.max_running_jobs) AS held))::int AS used
    FROM organizations o WHERE o.id = $1 AND o.max_running_jobs IS NOT NULL`,
};

/** $1 organization, $2 name of the runner that is pinned, or null; $3 limit. */
export const RUNNERS: Statement = {
  name: 'explain.runners',
  text: /* sql */ `
    SELECT r.id, r.name, r.priority, r.disabled_at IS NOT NULL AS disabled, ${ASSIGNMENT_COLUMNS},
      (SELECT count(*)::int FROM runner_instances i WHERE i.runner_id = r.id) AS instances,
      count(*) OVER ()::int AS total
    FROM runners r ${WITH_ASSIGNMENTS}
    WHERE r.organization_id = $1
    ORDER BY (r.name = $2) DESC NULLS LAST, r.id DESC LIMIT $3`,
};

/**
 * Instances with what they are doing, by the clock of the database. Processes of one pool bring the same tools and
 * labels, so these travel once for each kind.
 * $1 organization, $2 offlineAfterMs, $3 name of the runner that is pinned, or null; $4 limit.
 */
export const INSTANCES: Statement = {
  name: 'explain.instances',
  text: /* sql */ `
    WITH chosen AS MATERIALIZED (
      SELECT i.id, i.runner_id, i.name, i.slots, i.draining OR i.drain_requested AS draining, (r.name = $3) AS pinned,
        i.last_seen_at, md5(i.tools::text || i.labels::text) AS kind,
        COALESCE(i.session_id IS NOT NULL AND i.last_seen_at > clock_timestamp() - make_interval(secs => $2 / 1000.0),
          false) AS online
      FROM runner_instances i JOIN runners r ON r.id = i.runner_id
      WHERE i.organization_id = $1
      ORDER BY pinned DESC NULLS LAST, online DESC, i.last_seen_at DESC NULLS LAST, i.id
      LIMIT $4
    ), telling AS (
      SELECT DISTINCT ON (kind) id FROM chosen ORDER BY kind
    ), used AS (
      SELECT j.instance_id, sum(j.slots)::int AS slots
      FROM jobs j
      WHERE j.organization_id = $1 AND j.stage = 'held'
      GROUP BY j.instance_id
    )
    SELECT c.id, c.runner_id AS "runnerId", c.name, c.online, c.draining, c.slots, COALESCE(u.slots, 0) AS "usedSlots",
      (SELECT count(*)::int FROM runner_instances WHERE organization_id = $1) AS total, c.kind, i.tools, i.labels
    FROM chosen c
    LEFT JOIN used u ON u.instance_id = c.id
    LEFT JOIN telling t ON t.id = c.id
    LEFT JOIN runner_instances i ON i.id = t.id`,
};
