import type { AssignmentKind, ModuleGraph, ScopeRun, ScopeRunView, StartScopeRunBody } from '@dibs/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { nodePath } from './hierarchy';
import { request } from './http';
import { keys } from './keys';
import { usePages } from './pages';

/** What can be run as a whole. */
export type RunnableKind = Exclude<AssignmentKind, 'module'>;

/** Nothing tells of changes of inputs; they are rare. */
const POLL_GRAPH_EVERY_MS = 10_000;

export function useModuleGraph(kind: RunnableKind, id: string) {
  return useQuery({
    queryKey: keys.moduleGraph(kind, id),
    queryFn: ({ signal }) => request<ModuleGraph>('GET', `${nodePath(kind, id)}/graph`, { signal }),
    refetchInterval: POLL_GRAPH_EVERY_MS,
  });
}

/** The newest first. @param pollEveryMs how often to ask; false: hints do arrive */
export function useScopeRuns(kind: RunnableKind, id: string, pollEveryMs: number | false) {
  return usePages<ScopeRun>(keys.scopeRunList(kind, id), `${nodePath(kind, id)}/runs`, { pollEveryMs });
}

/** @param pollEveryMs how often to ask; false: hints do arrive */
export function useScopeRun(runId: string, pollEveryMs: number | false) {
  return useQuery({
    queryKey: keys.scopeRun(runId),
    queryFn: ({ signal }) => request<ScopeRunView>('GET', runPath(runId), { signal }),
    refetchInterval: pollEveryMs,
  });
}

export function useStartScopeRun(kind: RunnableKind, id: string) {
  return useRunMutation((body: StartScopeRunBody) =>
    request<ScopeRunView>('POST', `${nodePath(kind, id)}/runs`, { body }),
  );
}

export function useCancelScopeRun(runId: string) {
  return useRunMutation(() => request<ScopeRunView>('POST', `${runPath(runId)}/cancel`));
}

function useRunMutation<Input, Answer>(mutationFn: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: keys.moduleRuns }) });
}

function runPath(runId: string): string {
  return `/scope-runs/${encodeURIComponent(runId)}`;
}
