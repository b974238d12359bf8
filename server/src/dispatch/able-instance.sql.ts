/**
 * Checks of a claim: the instance of this session, if it may be given jobs now. `runner_name` is null when its runner is
 * disabled, so this is to be joined `ON runner_name IS NOT NULL`.
 *
 * Look-ups by id, one for each row, whatever the planner thinks of the number of instances: neither the limit nor the
 * name as a query of its own leaves it another way. As plain joins they were planned as a walk through all instances of a
 * runner, which every submit paid for until somebody had analyzed the tables.
 */
export function ableInstance(instanceId: string, sessionId: string): string {
  return /* sql */ `LATERAL (
        SELECT able.id, able.organization_id, able.name, able.boot_id, able.runner_id,
          (SELECT r.name FROM runners r WHERE r.id = able.runner_id AND r.disabled_at IS NULL) AS runner_name
        FROM runner_instances able
        WHERE able.id = ${instanceId} AND able.session_id = ${sessionId} AND NOT able.draining AND NOT able.drain_requested
        LIMIT 1)`;
}
