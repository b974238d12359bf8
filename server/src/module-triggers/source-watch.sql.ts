import type { Statement } from '../database/database.js';

/** One server looks at a source, which takes at most half a minute; when it dies over that, another one does. */
const CLAIM_SECONDS = 90;

const KEY = 'organization_id = $1 AND module_id = $2';

/** $3 url, $4 its key, $5 revision, $6 versions, $7 seconds. What was seen of another source does not count. */
export const WATCH_SOURCE: Statement = {
  name: 'source-watch.watch',
  text: /* sql */ `
    INSERT INTO source_watches AS w (organization_id, module_id, url, url_key, revision, versions, every_seconds, next_check_at)
    SELECT organization_id, id, $3, $4, $5, $6, $7::int, clock_timestamp() FROM modules
    WHERE organization_id = $1 AND id = $2 FOR KEY SHARE
    ON CONFLICT (organization_id, module_id) DO UPDATE SET
      url = EXCLUDED.url, url_key = EXCLUDED.url_key, revision = EXCLUDED.revision, versions = EXCLUDED.versions,
      every_seconds = EXCLUDED.every_seconds, version = w.version + 1, next_check_at = clock_timestamp(), claimed_until = NULL,
      resolved = CASE WHEN ${sameSource()} THEN w.resolved END,
      checked_at = CASE WHEN ${sameSource()} THEN w.checked_at END,
      checked_by = CASE WHEN ${sameSource()} THEN w.checked_by END,
      problem = CASE WHEN ${sameSource()} THEN w.problem END,
      handled_commit = CASE WHEN ${sameSource()} THEN w.handled_commit END
    WHERE NOT (${sameSource()} AND w.every_seconds IS NOT DISTINCT FROM EXCLUDED.every_seconds)
    RETURNING module_id`,
};

function sameSource(): string {
  return '(w.url, w.revision, w.versions) IS NOT DISTINCT FROM (EXCLUDED.url, EXCLUDED.revision, EXCLUDED.versions)';
}

export const UNWATCH_SOURCE: Statement = {
  name: 'source-watch.unwatch',
  text: `DELETE FROM source_watches WHERE ${KEY} RETURNING module_id`,
};

export const FIND_WATCH: Statement = {
  name: 'source-watch.find',
  text: /* sql */ `
    SELECT resolved, checked_at AS "checkedAt", checked_by AS "checkedBy", problem, next_check_at AS "nextCheckAt"
    FROM source_watches WHERE ${KEY}`,
};

/** $1 the last module seen, $2 how many, $3 seconds after which somebody should have looked */
export const DUE_WATCHES: Statement = {
  name: 'source-watch.due',
  text: /* sql */ `
    SELECT organization_id AS "organizationId", module_id AS "moduleId", url, revision, versions,
      next_check_at <= clock_timestamp() - make_interval(secs => $3) AS "isOverdue"
    FROM source_watches
    WHERE next_check_at <= clock_timestamp() AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
      AND module_id > $1
    ORDER BY module_id LIMIT $2`,
};

/** $2 modules. Those that are missing in the answer another server is at, or they are not due any more. */
export const CLAIM_WATCHES: Statement = {
  name: 'source-watch.claim',
  text: /* sql */ `
    UPDATE source_watches SET claimed_until = clock_timestamp() + make_interval(secs => ${CLAIM_SECONDS}), is_told = false
    WHERE organization_id = $1 AND module_id = ANY($2::uuid[]) AND next_check_at <= clock_timestamp()
      AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
    RETURNING module_id AS "moduleId", version`,
};

/** What decides about the news, under a lock. $3 version. No row: another source is to be looked at meanwhile. */
export const LOCK_WATCH: Statement = {
  name: 'source-watch.lock',
  text: /* sql */ `
    SELECT handled_commit AS handled,
      (SELECT r.commit FROM module_runs r
       WHERE r.organization_id = $1 AND r.module_id = $2 AND r.operation = 'apply' AND r.commit IS NOT NULL
       ORDER BY r.id DESC LIMIT 1) AS "lastRun",
      EXISTS (SELECT FROM module_runs r
       WHERE r.organization_id = $1 AND r.module_id = $2 AND r.operation = 'apply' AND r.state = 'planning'
         AND r.cancel_requested_at IS NULL) AS "isPlanning"
    FROM source_watches WHERE ${KEY} AND version = $3 FOR UPDATE`,
};

/**
 * What somebody has seen, or why not. $3 version, $4 commit or null, $5 by whom, $6 problem, $7 commit that is dealt with or
 * null, $8 seconds until the next look, whatever the settings say, or null, $9 those where the settings say none, or null, $10
 * what periods are multiplied with.
 */
export const RECORD_LOOK: Statement = {
  name: 'source-watch.record',
  text: /* sql */ `
    UPDATE source_watches SET resolved = COALESCE($4, resolved), checked_at = clock_timestamp(), checked_by = $5,
      problem = $6, handled_commit = COALESCE($7, handled_commit), claimed_until = NULL,
      next_check_at = CASE WHEN is_told THEN clock_timestamp()
        ELSE clock_timestamp() + make_interval(secs => COALESCE($8::float8, every_seconds, $9::float8) * $10::float8) END
    WHERE ${KEY} AND version = $3
    RETURNING module_id`,
};

/** Nobody here can look at the moment, and nobody elsewhere did. $3 problem, $4 seconds until the next try */
export const RECORD_NOBODY: Statement = {
  name: 'source-watch.nobody',
  text: /* sql */ `
    UPDATE source_watches SET checked_at = clock_timestamp(), checked_by = NULL, problem = $3,
      next_check_at = clock_timestamp() + make_interval(secs => $4::float8)
    WHERE ${KEY} AND next_check_at <= clock_timestamp() AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
    RETURNING module_id`,
};

/** $2 key of the url, $3 names of what moved, none: anything. A range of versions and the default branch may be any of them. */
export const WATCHES_OF_URL: Statement = {
  name: 'source-watch.of-url',
  text: /* sql */ `
    SELECT module_id AS "moduleId" FROM source_watches
    WHERE organization_id = $1 AND url_key = $2
      AND (cardinality($3::text[]) = 0 OR revision IS NULL OR revision = ANY($3::text[]))
    ORDER BY module_id`,
};

/** $2 modules */
export const CHECK_NOW: Statement = {
  name: 'source-watch.check-now',
  text: /* sql */ `
    UPDATE source_watches SET next_check_at = clock_timestamp(), is_told = true
    WHERE organization_id = $1 AND module_id = ANY($2::uuid[])
    RETURNING module_id`,
};
