import { SCOPE_RUN_MODULE_STATES, type ScopeRun, type ScopeRunModuleState, type ScopeRunView } from '@dibs/shared';
import type { ScopeRunRow, StandingScopeRun } from './scope-run.repository.js';

export function toScopeRun(row: ScopeRunRow): ScopeRun {
  const { stackId, namespaceId } = row;
  return {
    id: row.id,
    scope: { stackId, namespaceId, moduleId: null },
    path: row.path,
    operation: row.operation,
    onFailure: row.onFailure,
    state: row.state,
    counts: toCounts(row.counts),
    cancelRequestedAt: row.cancelRequestedAt?.toISOString() ?? null,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

/** With its modules in the order in which they run. */
export function toScopeRunView(run: StandingScopeRun): ScopeRunView {
  const modules = run.modules.map(({ moduleId, path, state, runId, runState, note }) => {
    return { moduleId, path, state, runId, runState, note };
  });
  if (run.operation === 'destroy') modules.reverse();
  return { ...toScopeRun(run), modules, dependencies: run.dependencies };
}

function toCounts(counts: ScopeRunRow['counts']): Record<ScopeRunModuleState, number> {
  const all = SCOPE_RUN_MODULE_STATES.map((state) => [state, counts[state] ?? 0] as const);
  return Object.fromEntries(all) as Record<ScopeRunModuleState, number>;
}
