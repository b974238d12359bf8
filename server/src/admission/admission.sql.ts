import type { Statement } from '../database/database.js';
import { GROUP_WAITED_FOR, standAt, usesUpGroup, waitsForGroup, WAITS_FOR_QUOTA } from '../jobs/job-stage.sql.js';

/**
 * A *target* is what a promotion looks at: (organization, key of a concurrency group), or (organization, '') for the
 * jobs that only the quota of their organization holds back. A group of an organization with a quota is never looked at
 * alone: a place that becomes free there may be anybody's.
 *
 * $1, $2: organizations and keys asked for. $3: at most so many groups of one organization.
 */
export const EXPAND: Statement = {
  name: 'admission.expand',
  text: /* sql */ `
    WITH RECURSIVE asked AS (
      SELECT DISTINCT organization_id, key FROM unnest($1::uuid[], $2::text[]) AS t (organization_id, key)
    ), groups AS (
      SELECT DISTINCT a.organization_id, '' AS key, 0 AS n
      FROM asked a JOIN organizations o ON o.id = a.organization_id
      WHERE o.max_running_jobs IS NOT NULL
      UNION ALL
      -- from one group that waits to the next through the index: the cost is the number of groups, not of jobs
      SELECT g.organization_id, (
          SELECT ${GROUP_WAITED_FOR} FROM jobs j
          WHERE j.organization_id = g.organization_id AND ${GROUP_WAITED_FOR} > g.key AND j.stage = 'waiting'
          ORDER BY ${GROUP_WAITED_FOR} LIMIT 1
        ), g.n + 1
      FROM groups g WHERE g.key IS NOT NULL AND g.n < $3
    )
    SELECT organization_id AS "organizationId", key FROM asked
    UNION
    SELECT organization_id, key FROM groups WHERE key IS NOT NULL`,
};

/**
 * One promotion of a target at a time, on all servers together, until the transaction ends. The statements after this
 * one see what the last holder of a lock has committed. In one order everywhere, so that nobody waits in a circle.
 */
export const LOCK: Statement = {
  name: 'admission.lock',
  text: /* sql */ `
    SELECT pg_advisory_xact_lock(lock) FROM (
      SELECT DISTINCT hashtextextended('dibs.admission/' || organization_id || '/' || key, 0) AS lock
      FROM unnest($1::uuid[], $2::text[]) AS t (organization_id, key)
      ORDER BY lock
    ) AS locks`,
};

/** What a waiting job needs before it may be looked at: a pause before another try is over first. */
const READY = /* sql */ `j.reason <> 'retry_backoff'`;

/**
 * Lets in whoever fits, in the order of submit within a group. The oldest job that waits is measured by its own limit,
 * and one that does not fit lets nobody behind it pass. Where a quota counts as well, the places left go by priority
 * and age, but never past an older job of the same group (\`turn\`).
 *
 * $1, $2: locked targets. $3: at most so many of one target.
 */
export const PROMOTE: Statement = {
  name: 'admission.promote',
  text: /* sql */ `
    WITH targets AS (
      SELECT * FROM unnest($1::uuid[], $2::text[]) AS t (organization_id, key)
    ), members AS (
      SELECT t.organization_id, t.key, w.id, w.rank, w.concurrency_limit, a.active,
        row_number() OVER (PARTITION BY t.organization_id, t.key ORDER BY w.id) AS place
      FROM targets t
      CROSS JOIN LATERAL (
        SELECT count(*) AS active FROM jobs j WHERE j.organization_id = t.organization_id AND ${usesUpGroup('t.key')}
      ) AS a
      CROSS JOIN LATERAL (
        SELECT j.id, j.rank, j.concurrency_limit FROM jobs j
        WHERE j.organization_id = t.organization_id AND ${waitsForGroup('t.key')} AND ${READY}
        ORDER BY j.id LIMIT $3
      ) AS w
      WHERE t.key <> ''
    ), fitting AS (
      SELECT organization_id, id, max(rank) OVER older AS turn,
        bool_and(active + place <= concurrency_limit) OVER older AS fits
      FROM members
      WINDOW older AS (PARTITION BY organization_id, key ORDER BY id)
    ), room AS MATERIALIZED (
      SELECT o.id AS organization_id, CASE WHEN o.max_running_jobs IS NOT NULL THEN o.max_running_jobs - (
        (SELECT count(*) FROM (
          SELECT FROM jobs j WHERE j.organization_id = o.id AND ${standAt("'queued'")}
          LIMIT o.max_running_jobs) AS queued)
        + (SELECT count(*) FROM (
          SELECT FROM jobs j WHERE j.organization_id = o.id AND j.stage = 'held'
          LIMIT o.max_running_jobs) AS held)
      ) END AS places
      FROM targets t JOIN organizations o ON o.id = t.organization_id
      WHERE t.key = ''
    ), single AS (
      SELECT r.organization_id, w.id, w.rank AS turn
      FROM room r CROSS JOIN LATERAL (
        SELECT j.id, j.rank FROM jobs j
        WHERE j.organization_id = r.organization_id AND ${WAITS_FOR_QUOTA} AND ${READY}
        ORDER BY j.rank, j.id LIMIT LEAST($3, GREATEST(0, COALESCE(r.places, $3)))
      ) AS w
    ), chosen AS (
      SELECT f.id, r.places IS NULL
          OR row_number() OVER (PARTITION BY f.organization_id ORDER BY f.turn, f.id) <= r.places AS admitted
      FROM (
        SELECT organization_id, id, turn FROM fitting WHERE fits
        UNION ALL
        SELECT organization_id, id, turn FROM single
      ) AS f
      LEFT JOIN room r ON r.organization_id = f.organization_id
    ), locked AS MATERIALIZED (
      SELECT j.id, j.reason AS waited_for, c.admitted,
        COALESCE(jsonb_typeof(s.spec->'fanOut') = 'object', false) AS fans_out
      FROM chosen c JOIN jobs j ON j.id = c.id JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
      WHERE j.state = 'waiting' AND (c.admitted OR j.reason <> 'quota')
      ORDER BY j.id
      FOR NO KEY UPDATE OF j
    ), told_why AS (
      UPDATE jobs j SET reason = 'quota'
      FROM locked l WHERE j.id = l.id AND j.state = 'waiting' AND NOT l.admitted
      RETURNING j.organization_id, j.id
    ), promoted AS (
      -- a fan-out goes on waiting, for its children, and uses the group up meanwhile
      UPDATE jobs j SET state = CASE WHEN l.fans_out THEN 'waiting' ELSE 'queued' END,
        reason = CASE WHEN l.fans_out THEN 'fan_out' END,
        queued_at = CASE WHEN l.fans_out THEN j.queued_at ELSE clock_timestamp() END
      FROM locked l WHERE j.id = l.id AND j.state = 'waiting' AND l.admitted
      RETURNING j.organization_id, j.id, j.state, j.reason, j.lane, j.priority, j.rank, l.waited_for
    ), told AS (
      INSERT INTO job_events (organization_id, job_id, type, data)
      SELECT organization_id, id, 'admitted', jsonb_build_object('reason', waited_for) FROM promoted
    )
    SELECT organization_id AS "organizationId", id AS "jobId", state, reason, lane, priority, rank
    FROM promoted ORDER BY id`,
};

/** The pause before another try is over: queued at once, or waiting for its group again like everybody in it. */
export const WAKE: Statement = {
  name: 'admission.wake',
  text: /* sql */ `
    WITH due AS MATERIALIZED (
      SELECT id FROM jobs
      WHERE wake_at <= clock_timestamp() AND state = 'waiting' AND reason = 'retry_backoff'
      ORDER BY wake_at LIMIT $1
      FOR NO KEY UPDATE SKIP LOCKED
    ), woken AS (
      UPDATE jobs j SET wake_at = NULL,
        state = CASE WHEN j.concurrency_key IS NULL AND o.max_running_jobs IS NULL THEN 'queued' ELSE 'waiting' END,
        reason = CASE WHEN j.concurrency_key IS NOT NULL THEN 'concurrency_group'
          WHEN o.max_running_jobs IS NOT NULL THEN 'quota' END,
        queued_at = CASE WHEN j.concurrency_key IS NULL AND o.max_running_jobs IS NULL
          THEN clock_timestamp() ELSE j.queued_at END
      FROM due d, organizations o
      WHERE j.id = d.id AND j.state = 'waiting' AND o.id = j.organization_id
      RETURNING j.organization_id, j.id, j.state, j.reason, j.lane, j.priority, j.rank, j.concurrency_key
    ), told AS (
      INSERT INTO job_events (organization_id, job_id, type, data)
      SELECT organization_id, id, 'admitted', jsonb_build_object('reason', 'retry_backoff')
      FROM woken WHERE state = 'queued'
    )
    SELECT organization_id AS "organizationId", id AS "jobId", state, reason, lane, priority, rank,
      concurrency_key AS "concurrencyKey"
    FROM woken ORDER BY id`,
};

export const NEXT_WAKE: Statement = {
  name: 'admission.next-wake',
  text: /* sql */ `
    SELECT (extract(epoch FROM min(wake_at) - clock_timestamp()) * 1000)::float8 AS "inMs"
    FROM jobs WHERE wake_at IS NOT NULL AND state = 'waiting' AND reason = 'retry_backoff'`,
};

/**
 * Targets with somebody who might be let in, in order after ($1, $2). A look without locks: the promotion decides.
 * $3: so many targets looked at.
 */
export const DISCOVER: Statement = {
  name: 'admission.discover',
  text: /* sql */ `
    WITH RECURSIVE targets AS (
      (SELECT j.organization_id, ${GROUP_WAITED_FOR} AS key, 1 AS n FROM jobs j
        WHERE j.stage = 'waiting' AND (j.organization_id, ${GROUP_WAITED_FOR}) > ($1, $2)
        ORDER BY j.organization_id, ${GROUP_WAITED_FOR} LIMIT 1)
      UNION ALL
      SELECT next.organization_id, next.key, t.n + 1
      FROM targets t CROSS JOIN LATERAL (
        SELECT j.organization_id, ${GROUP_WAITED_FOR} AS key FROM jobs j
        WHERE j.stage = 'waiting' AND (j.organization_id, ${GROUP_WAITED_FOR}) > (t.organization_id, t.key)
        ORDER BY j.organization_id, ${GROUP_WAITED_FOR} LIMIT 1
      ) AS next
      WHERE t.n < $3
    )
    SELECT t.organization_id AS "organizationId", t.key,
      CASE WHEN t.key = '' THEN EXISTS (
        SELECT FROM jobs j WHERE j.organization_id = t.organization_id AND ${WAITS_FOR_QUOTA} AND ${READY}
        -- else the planner may gather those of all organizations
        ORDER BY j.rank, j.id OFFSET 0
      ) ELSE EXISTS (
        SELECT FROM jobs s
        WHERE s.organization_id = t.organization_id AND s.concurrency_key = t.key AND s.stage = 'waiting'
          AND s.supersede IS NOT NULL
        OFFSET 0
      ) OR COALESCE((
        SELECT j.concurrency_limit > (
          SELECT count(*) FROM jobs j WHERE j.organization_id = t.organization_id AND ${usesUpGroup('t.key')})
        FROM jobs j WHERE j.organization_id = t.organization_id AND ${waitsForGroup('t.key')} AND ${READY}
        ORDER BY j.id LIMIT 1
      ), false) END AS roomy
    FROM targets t ORDER BY t.organization_id, t.key`,
};

export const ORGANIZATIONS_WITH_QUOTA: Statement = {
  name: 'admission.organizations-with-quota',
  text: /* sql */ `SELECT id FROM organizations WHERE max_running_jobs IS NOT NULL`,
};
