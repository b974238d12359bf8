/** The log of job `j` was not removed by retention; its rows, and those about it, may still be there for a while. */
export const LOG_IS_KEPT = /* sql */ `(
  NOT EXISTS (SELECT FROM retention r WHERE r.organization_id = j.organization_id AND j.id < r.log_floor)
  OR EXISTS (SELECT FROM retained_logs l WHERE l.job_id = j.id))`;

/** The logs of organization $1's jobs before this id are removed, but for those of jobs that took very long. */
export const LOG_FLOOR = /* sql */ `
  COALESCE((SELECT r.log_floor FROM retention r WHERE r.organization_id = $1), '00000000-0000-0000-0000-000000000000')`;
