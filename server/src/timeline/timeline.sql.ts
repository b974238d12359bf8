import type { Statement } from '../database/database.js';

/** Attempts and pauses beyond these are not told: somebody tries to make a job's life endless. */
const MAX_ROWS = 500;

/**
 * What the rows of others tell about a job's life: how each attempt found its instance, and which pauses held the job
 * while it waited. A pause that fell wholly into one attempt held nothing. Who ordered maintenance is another tenant's
 * business.
 */
export const TIMELINE_EXTRAS: Statement = {
  name: 'timeline.extras',
  text: /* sql */ `
    SELECT clock_timestamp() AS "exportedAt",
      (SELECT count(*) FROM job_events e WHERE e.job_id = j.id) AS "eventCount",
      COALESCE((
        SELECT json_agg(json_build_object('at', t.claimed_at, 'attempt', t.attempt, 'runner', t.runner_name,
          'instance', t.instance_name, 'instances', t.offers, 'rounds', t.rounds, 'standing', t.claim_id IS NULL)
          ORDER BY t.attempt)
        FROM (SELECT * FROM job_attempts WHERE job_id = j.id ORDER BY attempt DESC LIMIT ${MAX_ROWS}) t), '[]') AS claims,
      COALESCE((
        SELECT json_agg(json_build_object('at', GREATEST(p.since, s.created_at), 'until', p.ended_at, 'note', p.note,
          'target', CASE p.target_kind WHEN 'server' THEN 'the whole server (maintenance)'
            WHEN 'organization' THEN 'the organization' WHEN 'lane' THEN 'its lane'
            ELSE 'runner ' || (s.spec->>'runner') END,
          'by', CASE WHEN p.target_kind <> 'server' THEN p.who END) ORDER BY p.since)
        FROM (
          SELECT p.* FROM pauses p
          WHERE (p.target_kind = 'server' OR p.organization_id = j.organization_id AND (
              p.target_kind = 'organization' OR p.target_kind = 'lane' AND p.target_id = j.lane
              OR p.runner_id = (SELECT r.id FROM runners r
                WHERE r.organization_id = j.organization_id AND r.name = s.spec->>'runner')))
            AND p.since < COALESCE(j.finished_at, 'infinity') AND COALESCE(p.ended_at, 'infinity') > s.created_at
            AND NOT EXISTS (SELECT FROM job_attempts t WHERE t.job_id = j.id AND t.claimed_at <= p.since
              AND COALESCE(t.ended_at, 'infinity') >= LEAST(COALESCE(p.ended_at, 'infinity'), clock_timestamp()))
          ORDER BY p.since DESC LIMIT ${MAX_ROWS}) p), '[]') AS pauses
    FROM jobs j JOIN job_submissions s ON s.organization_id = j.organization_id AND s.id = j.id
    WHERE j.organization_id = $1 AND j.id = $2`,
};

/** Losers of a claim race, added up for a moment. A job that is gone meanwhile is left out. */
export const RECORD_LOST_CLAIMS: Statement = {
  name: 'timeline.lost-claims',
  text: /* sql */ `
    INSERT INTO job_events (organization_id, job_id, attempt, type, data)
    SELECT j.organization_id, j.id, NULLIF(j.attempt, 0), 'claims_lost', jsonb_build_object('count', l.count)
    FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS l (organization_id, job_id, count)
    JOIN jobs j ON j.organization_id = l.organization_id AND j.id = l.job_id
    ORDER BY j.id`,
};
