import { MAX_OVERVIEW_COUNT } from '@dibs/shared';
import type { Statement } from '../database/database.js';
import { standAt, WAITING_STAGES } from '../jobs/job-stage.sql.js';

/*
 * All SQL of the overview. None of it grows with the number of jobs: each count walks one range of one index, and no
 * further than it counts.
 */

const ENOUGH = MAX_OVERVIEW_COUNT + 1;
/** Jobs of one lane that are counted when the queue is longer than the sample. */
export const MAX_LANE_COUNT = 1_000;

/** The oldest queued jobs by lane. $1 organization. */
export const QUEUED: Statement = {
  name: 'overview.queued',
  text: /* sql */ `
    SELECT lane, count(*)::int AS count, min(queued_at) AS "queuedSince", (array_agg(id ORDER BY id))[1] AS "jobId"
    FROM (
      SELECT lane, id, queued_at FROM jobs j WHERE organization_id = $1 AND ${standAt("'queued'")}
      ORDER BY stage, id LIMIT ${ENOUGH}
    ) AS oldest
    GROUP BY lane`,
};

/** Lanes of all organizations that are passed on the way to those of one. */
const MOST_LANES_PASSED = 2_000;

/**
 * Lanes with queued jobs, however young these are. One step through the index of the queue for each lane, not for each
 * job: an index by organization would find them in fewer, but every submit and claim would pay for it. $1 organization,
 * $2 limit.
 */
export const QUEUED_LANES: Statement = {
  name: 'overview.queued-lanes',
  text: /* sql */ `
    WITH RECURSIVE lanes AS (
      (SELECT lane, organization_id FROM jobs WHERE stage = 'queued' ORDER BY lane LIMIT 1)
      UNION ALL
      SELECT next.lane, next.organization_id
      FROM lanes CROSS JOIN LATERAL (
        SELECT lane, organization_id FROM jobs WHERE stage = 'queued' AND lane > lanes.lane ORDER BY lane LIMIT 1) AS next
    )
    SELECT lane FROM (SELECT * FROM lanes LIMIT ${MOST_LANES_PASSED}) AS passed WHERE organization_id = $1 LIMIT $2`,
};

/**
 * Lanes of a queue longer than the sample, each of one organization: asked within, it would offer the planner an index of
 * all that is queued in it. $1 organization, $2 lanes.
 */
export const LANE_DEPTHS: Statement = {
  name: 'overview.lane-depths',
  text: /* sql */ `
    SELECT w.lane, head.id AS "jobId", head.queued_at AS "queuedSince", (
        SELECT count(*)::int FROM (
          SELECT FROM jobs j WHERE j.lane = w.lane AND j.stage = 'queued'
          ORDER BY j.rank, j.id LIMIT ${MAX_LANE_COUNT + 1}) AS counted
      ) AS count
    FROM unnest($2::text[]) AS w (lane)
    CROSS JOIN LATERAL (
      SELECT j.id, j.organization_id, j.queued_at FROM jobs j WHERE j.lane = w.lane AND j.stage = 'queued'
      ORDER BY j.rank, j.id LIMIT 1
    ) AS head
    WHERE head.organization_id = $1`,
};

/** Lanes that no known runner fits: found by whoever judges all lanes (LaneWarnerService). $1 organization, $2 limit. */
export const HOPELESS_LANES: Statement = {
  name: 'overview.hopeless-lanes',
  text: /* sql */ `
    SELECT lane FROM lane_warnings WHERE organization_id = $1 AND cleared_at IS NULL ORDER BY lane LIMIT $2`,
};

/** $1 organization. */
export const WAITING: Statement = {
  name: 'overview.waiting',
  text: /* sql */ `
    SELECT reason, count(*)::int AS count
    FROM (
      SELECT one.* FROM ${WAITING_STAGES} AS w (stage) CROSS JOIN LATERAL (
        SELECT j.id, j.reason FROM jobs j WHERE j.organization_id = $1 AND ${standAt('w.stage')}
        ORDER BY j.stage, j.id LIMIT ${ENOUGH}) AS one
      ORDER BY one.id LIMIT ${ENOUGH}
    ) AS oldest
    GROUP BY reason`,
};

/** $1 organization. */
export const RUNNING: Statement = {
  name: 'overview.running',
  text: /* sql */ `
    SELECT clock_timestamp() AS at, (
      SELECT count(*)::int FROM (
        SELECT FROM jobs WHERE organization_id = $1 AND stage = 'held' LIMIT ${ENOUGH}) AS held
    ) AS count`,
};

/** $1 organization, $2 seconds that are told. */
export const ACTIVITY: Statement = {
  name: 'overview.activity',
  text: /* sql */ `
    SELECT slot, claims, succeeded, failed, canceled, waits FROM activity
    WHERE organization_id = $1 AND slot > clock_timestamp() - make_interval(secs => $2)
    ORDER BY slot`,
};

/** Instances that came and went. $1 organization, $2 seconds looked back, $3 losses from which on it is told, $4 limit. */
export const UNSTABLE: Statement = {
  name: 'overview.unstable',
  text: /* sql */ `
    SELECT r.id AS "runnerId", r.name AS runner, i.id AS "instanceId", i.name AS instance, count(*)::int AS losses
    FROM instance_connections c
    JOIN runner_instances i ON i.organization_id = c.organization_id AND i.id = c.instance_id
    JOIN runners r ON r.id = i.runner_id
    WHERE c.organization_id = $1 AND NOT c.planned AND c.disconnected_at > clock_timestamp() - make_interval(secs => $2)
    GROUP BY r.id, i.id
    HAVING count(*) >= $3
    ORDER BY losses DESC, i.id LIMIT $4`,
};

/** The ten seconds that a moment belongs to. */
const SLOT = /* sql */ `date_bin('10 seconds', clock_timestamp(), 'epoch')`;

/**
 * Adds what one server counted; several add to the same row, in the order of organizations so that none waits for
 * another in a circle. $1 organizations, $2-$5 counts, $6 histograms as text of arrays.
 */
export const ADD_ACTIVITY: Statement = {
  name: 'overview.add-activity',
  text: /* sql */ `
    INSERT INTO activity AS known (organization_id, slot, claims, succeeded, failed, canceled, waits)
    SELECT o.id, ${SLOT}, n.claims, n.succeeded, n.failed, n.canceled, n.waits::integer[]
    FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::text[])
      AS n (organization_id, claims, succeeded, failed, canceled, waits)
    JOIN organizations o ON o.id = n.organization_id
    ORDER BY o.id
    ON CONFLICT (organization_id, slot) DO UPDATE SET
      claims = known.claims + excluded.claims,
      succeeded = known.succeeded + excluded.succeeded,
      failed = known.failed + excluded.failed,
      canceled = known.canceled + excluded.canceled,
      waits = (
        SELECT array_agg(COALESCE(a, 0) + COALESCE(b, 0) ORDER BY bucket)
        FROM unnest(known.waits, excluded.waits) WITH ORDINALITY AS u (a, b, bucket))`,
};

/** $1 seconds that are kept. */
export const FORGET: Statement = {
  name: 'overview.forget',
  text: /* sql */ `
    DELETE FROM activity WHERE slot < clock_timestamp() - make_interval(secs => $1)`,
};
