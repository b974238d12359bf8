import type { Statement } from '../database/database.js';

const OPEN_JOB_STATES = /* sql */ `('waiting', 'queued', 'claimed', 'running')`;
/** The job that the run is at. */
const CURRENT_JOB = 'COALESCE(r.apply_job_id, r.first_job_id)';

const COLUMNS = /* sql */ `
  r.id, r.organization_id AS "organizationId", r.module_id AS "moduleId", n.id AS "namespaceId", s.id AS "stackId",
  s.name || '/' || n.name || '/' || m.name AS path, r.operation, r.state, r.reason, r.trigger,
  r.first_job_id AS "firstJobId", r.apply_job_id AS "applyJobId", r.plan, r.commit, r.state_lock AS "stateLock",
  r.approval_rule AS "approvalRule", r.approval_expires_at AS "approvalExpiresAt", r.decision,
  r.decided_by AS "decidedBy", r.decided_at AS "decidedAt", r.comment, r.cancel_requested_at AS "cancelRequestedAt",
  r.created_by AS "createdBy", r.created_at AS "createdAt", r.ended_at AS "endedAt"`;
const WITH_MODULE = /* sql */ `
  module_runs r
  JOIN modules m ON m.organization_id = r.organization_id AND m.id = r.module_id
  JOIN namespaces n ON n.organization_id = m.organization_id AND n.id = m.namespace_id
  JOIN stacks s ON s.organization_id = n.organization_id AND s.id = n.stack_id`;

export const FIND_RUN: Statement = {
  name: 'module-run.find',
  text: /* sql */ `SELECT ${COLUMNS} FROM ${WITH_MODULE} WHERE r.organization_id = $1 AND r.id = $2`,
};

/** With what decides how it goes on. No job: it was removed. */
export const FIND_STANDING: Statement = {
  name: 'module-run.standing',
  text: /* sql */ `
    SELECT ${COLUMNS}, r.hooks, r.cancel_requested_by AS "cancelRequestedBy",
      r.approval_expires_at <= clock_timestamp() AS "isOverdue",
      j.state AS "jobState", j.reason AS "jobReason", j.cancel_mode IS NOT NULL AS "jobCancelRequested"
    FROM ${WITH_MODULE} LEFT JOIN jobs j ON j.organization_id = r.organization_id AND j.id = ${CURRENT_JOB}
    WHERE r.organization_id = $1 AND r.id = $2`,
};

/** Newest first. $3 id of the last one seen or null, $4 states, none: all, $5 limit */
export const LIST_RUNS: Statement = {
  name: 'module-run.list',
  text: /* sql */ `
    SELECT ${COLUMNS} FROM ${WITH_MODULE}
    WHERE r.organization_id = $1 AND r.module_id = $2 AND ($3::uuid IS NULL OR r.id < $3)
      AND (cardinality($4::text[]) = 0 OR r.state = ANY($4))
    ORDER BY r.id DESC LIMIT $5`,
};

export const RUN_OF_JOB: Statement = {
  name: 'module-run.of-job',
  text: /* sql */ `
    SELECT id FROM module_runs WHERE organization_id = $1 AND (first_job_id = $2 OR apply_job_id = $2)`,
};

/** No row: there is no such module, also when it is deleted at this moment. */
export const INSERT_RUN: Statement = {
  name: 'module-run.insert',
  text: /* sql */ `
    INSERT INTO module_runs (organization_id, module_id, id, operation, state, trigger, first_job_id, hooks,
      approval_rule, approval_seconds, created_by)
    SELECT organization_id, id, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11
    FROM modules WHERE organization_id = $1 AND id = $2 FOR KEY SHARE
    RETURNING id`,
};

/** Keeps whether something of the module may be there, from a change of its run: what is applied may be, half of it too. */
const keepingWhatIsThere = (change: string): string => /* sql */ `
    WITH changed AS (${change}
      RETURNING id, organization_id, module_id, operation, state
    ), kept AS (
      UPDATE modules m SET applied_at = CASE c.operation WHEN 'apply' THEN COALESCE(m.applied_at, clock_timestamp()) END
      FROM changed c
      WHERE m.organization_id = c.organization_id AND m.id = c.module_id
        AND (c.operation, c.state) IN (('apply', 'applying'), ('destroy', 'succeeded'))
    )
    SELECT id FROM changed`;

/**
 * What its job has found out, and the state that follows. $3 state it must be in, $4 the next one, $5 reason, $6 plan,
 * $7 commit, $8 lock, $9 job that applies, $10 whether it is over. Nothing is begun for a run that is to be canceled.
 */
export const ADVANCE_RUN: Statement = {
  name: 'module-run.advance',
  text: keepingWhatIsThere(/* sql */ `
    UPDATE module_runs SET state = $4::text, reason = $5, plan = COALESCE($6::jsonb, plan), commit = COALESCE($7, commit),
      state_lock = COALESCE($8::jsonb, state_lock), apply_job_id = COALESCE($9::uuid, apply_job_id),
      approval_expires_at = CASE $4::text WHEN 'awaiting_approval'
        THEN clock_timestamp() + make_interval(secs => approval_seconds) ELSE approval_expires_at END,
      ended_at = CASE WHEN $10::boolean THEN clock_timestamp() END
    WHERE organization_id = $1 AND id = $2 AND state = $3
      AND ($10::boolean OR cancel_requested_at IS NULL)`),
};

/** $3 approved or rejected, $4 by whom, $5 comment, $6 the job that applies; null: none, it is over */
export const DECIDE_RUN: Statement = {
  name: 'module-run.decide',
  text: keepingWhatIsThere(/* sql */ `
    UPDATE module_runs SET state = CASE $3::text WHEN 'approved' THEN 'applying' ELSE 'rejected' END, decision = $3,
      decided_by = $4, decided_at = clock_timestamp(), comment = $5, apply_job_id = $6::uuid,
      ended_at = CASE $3::text WHEN 'rejected' THEN clock_timestamp() END
    WHERE organization_id = $1 AND id = $2 AND state = 'awaiting_approval' AND approval_expires_at > clock_timestamp()
      AND cancel_requested_at IS NULL`),
};

export const EXPIRE_RUN: Statement = {
  name: 'module-run.expire',
  text: /* sql */ `
    UPDATE module_runs SET state = 'expired', ended_at = clock_timestamp()
    WHERE organization_id = $1 AND id = $2 AND state = 'awaiting_approval' AND approval_expires_at <= clock_timestamp()
    RETURNING id`,
};

/** A run that waits for approval has no job to end, so it ends itself. $3 by whom. No row: it is over, or was canceled before. */
export const CANCEL_RUN: Statement = {
  name: 'module-run.cancel',
  text: /* sql */ `
    UPDATE module_runs SET cancel_requested_at = clock_timestamp(), cancel_requested_by = $3,
      state = CASE state WHEN 'awaiting_approval' THEN 'canceled' ELSE state END,
      ended_at = CASE state WHEN 'awaiting_approval' THEN clock_timestamp() END
    WHERE organization_id = $1 AND id = $2 AND ended_at IS NULL AND cancel_requested_at IS NULL
    RETURNING module_id AS "moduleId"`,
};

/**
 * Runs of the module that something triggered, and that have not begun to apply, give way to a newer one: what they plan is
 * out of date. Those that people began, or a run of everything around the module, do not. $3 the newer one or null, $4 by whom
 */
export const REPLACE_RUNS: Statement = {
  name: 'module-run.replace',
  text: /* sql */ `
    UPDATE module_runs SET cancel_requested_at = clock_timestamp(), cancel_requested_by = $4,
      state = CASE state WHEN 'awaiting_approval' THEN 'canceled' ELSE state END,
      ended_at = CASE state WHEN 'awaiting_approval' THEN clock_timestamp() END
    WHERE organization_id = $1 AND module_id = $2 AND ended_at IS NULL AND cancel_requested_at IS NULL
      AND id IS DISTINCT FROM $3::uuid
      AND trigger IN ('upstream_output', 'definition_changed', 'source_changed')
      AND state IN ('planning', 'awaiting_approval')
    RETURNING id, organization_id AS "organizationId"`,
};

/** Open runs about which something can be done. $1 id of the last one seen, $2 limit */
export const DUE_RUNS: Statement = {
  name: 'module-run.due',
  text: /* sql */ `
    SELECT r.id, r.organization_id AS "organizationId"
    FROM module_runs r LEFT JOIN jobs j ON j.id = ${CURRENT_JOB}
    WHERE r.ended_at IS NULL AND r.id > $1 AND (
      j.id IS NULL
      OR CASE r.state WHEN 'awaiting_approval' THEN r.approval_expires_at <= clock_timestamp()
        ELSE j.state NOT IN ${OPEN_JOB_STATES} OR (r.cancel_requested_at IS NOT NULL AND j.cancel_mode IS NULL) END)
    ORDER BY r.id LIMIT $2`,
};

/** Where the job ran that last reported the lock; the instance only while it is known. No row: no run reported it. */
export const FIND_LOCK: Statement = {
  name: 'module-run.lock',
  text: /* sql */ `
    SELECT i.name AS instance, CASE WHEN i.id IS NOT NULL THEN j.runner_name END AS runner
    FROM module_runs r
    LEFT JOIN jobs j ON j.id = ${CURRENT_JOB}
    LEFT JOIN runner_instances i ON i.organization_id = r.organization_id AND i.id = j.instance_id
    WHERE r.organization_id = $1 AND r.module_id = $2 AND r.state_lock->>'state' = 'held' AND r.state_lock->>'id' = $3
    ORDER BY r.id DESC LIMIT 1`,
};
