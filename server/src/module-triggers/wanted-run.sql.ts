import type { Statement } from '../database/database.js';

/** One server begins a run; when it dies over that, another one does. */
const CLAIM_SECONDS = 30;

/** $2 module, $3 trigger, $4 cause. No row: there is no such module. */
export const WANT_RUN: Statement = {
  name: 'wanted-run.want',
  text: /* sql */ `
    INSERT INTO wanted_runs AS w (organization_id, module_id, trigger, cause)
    SELECT organization_id, id, $3, $4 FROM modules WHERE organization_id = $1 AND id = $2 FOR KEY SHARE
    ON CONFLICT (organization_id, module_id) DO UPDATE
      SET trigger = EXCLUDED.trigger, cause = EXCLUDED.cause, version = w.version + 1, claimed_until = NULL
    RETURNING module_id`,
};

/**
 * While a run of everything around the module will still apply or destroy it, no other one begins: when it is over, what it
 * did not see to is done.
 */
const HELD_BACK = /* sql */ `
  EXISTS (
    SELECT FROM scope_run_modules s JOIN scope_runs r ON r.id = s.scope_run_id
    WHERE s.organization_id = w.organization_id AND s.module_id = w.module_id AND r.ended_at IS NULL
      AND (r.operation = 'destroy' OR (r.operation = 'apply' AND s.state = 'waiting')))`;

/** $1 how many at most */
export const WANTED_RUNS: Statement = {
  name: 'wanted-run.list',
  text: /* sql */ `
    SELECT organization_id AS "organizationId", module_id AS "moduleId" FROM wanted_runs w
    WHERE (claimed_until IS NULL OR claimed_until < clock_timestamp()) AND NOT ${HELD_BACK}
    ORDER BY organization_id, module_id LIMIT $1`,
};

/** No row: it is not wanted any more, or another server is at it. */
export const CLAIM_RUN: Statement = {
  name: 'wanted-run.claim',
  text: /* sql */ `
    UPDATE wanted_runs SET claimed_until = clock_timestamp() + make_interval(secs => ${CLAIM_SECONDS})
    WHERE organization_id = $1 AND module_id = $2 AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
    RETURNING trigger, cause, version`,
};

/** $3 the version that is dealt with. No row: something has triggered it again since, or somebody else has begun it. */
export const FORGET_RUN: Statement = {
  name: 'wanted-run.forget',
  text: /* sql */ `
    DELETE FROM wanted_runs WHERE organization_id = $1 AND module_id = $2 AND version = $3 RETURNING module_id`,
};
