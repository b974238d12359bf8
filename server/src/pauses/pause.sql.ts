import type { Statement } from '../database/database.js';

const COLUMNS = /* sql */ `
  id, organization_id AS "organizationId", target_kind AS "kind", target_id AS "targetId", note, who, since`;

/** Everything that is paused now, of every organization. There are never many, so every sweep reads them all. */
export const CURRENT_PAUSES: Statement = {
  name: 'pause-current',
  text: /* sql */ `SELECT ${COLUMNS} FROM pauses WHERE ended_at IS NULL ORDER BY id`,
};

/** $1 organization, $2 id of the last one seen or null, $3 limit */
export const LIST_PAUSES: Statement = {
  name: 'pause-list',
  text: /* sql */ `
    SELECT ${COLUMNS} FROM pauses
    WHERE organization_id = $1 AND ended_at IS NULL AND target_kind <> 'server' AND ($2::uuid IS NULL OR id < $2)
    ORDER BY id DESC LIMIT $3`,
};

export const FIND_PAUSE: Statement = {
  name: 'pause-find',
  text: /* sql */ `
    SELECT ${COLUMNS} FROM pauses
    WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL AND target_kind <> 'server'`,
};

/** $1 id, $2 organization, $3 kind, $4 target, $5 note, $6 who. No row: it is paused already. */
export const INSERT_PAUSE = /* sql */ `
  INSERT INTO pauses (id, organization_id, target_kind, target_id, runner_id, note, who)
  VALUES ($1, $2, $3::text, $4::text, CASE WHEN $3::text = 'runner' THEN ($4::text)::uuid END, $5, $6)
  ON CONFLICT DO NOTHING
  RETURNING ${COLUMNS}`;

/** $1 organization, $2 id, $3 who */
export const END_PAUSE = /* sql */ `
  UPDATE pauses SET ended_at = clock_timestamp(), ended_by = $3
  WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL AND target_kind <> 'server'
  RETURNING ${COLUMNS}`;

/** $1 who. Whichever organization asked for it: there is one maintenance at most. */
export const END_MAINTENANCE = /* sql */ `
  UPDATE pauses SET ended_at = clock_timestamp(), ended_by = $1
  WHERE target_kind = 'server' AND ended_at IS NULL
  RETURNING ${COLUMNS}`;

export const RUNNER_EXISTS = /* sql */ `SELECT 1 FROM runners WHERE organization_id = $1 AND id = $2 FOR KEY SHARE`;
