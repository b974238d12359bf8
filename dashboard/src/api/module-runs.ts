import type { DecideRunBody, ModuleOutputs, ModuleOutputVersion, ModuleRun, StartRunBody } from '@dibs/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { nodePath } from './hierarchy';
import { request } from './http';
import { keys } from './keys';
import { usePages } from './pages';

/** Of all that follows: how often to ask; false: hints do arrive. */
type PollEveryMs = number | false;

/** The newest first. */
export function useModuleRuns(moduleId: string, pollEveryMs: PollEveryMs) {
  return usePages<ModuleRun>(keys.moduleRunList(moduleId), `${nodePath('module', moduleId)}/runs`, { pollEveryMs });
}

export function useModuleRun(runId: string, pollEveryMs: PollEveryMs) {
  return useQuery({
    queryKey: keys.moduleRun(runId),
    queryFn: ({ signal }) => request<ModuleRun>('GET', runPath(runId), { signal }),
    refetchInterval: pollEveryMs,
  });
}

export function useStartRun(moduleId: string) {
  return useRunMutation((body: StartRunBody) =>
    request<ModuleRun>('POST', `${nodePath('module', moduleId)}/runs`, { body }),
  );
}

export function useDecideRun(runId: string, decision: 'approve' | 'reject') {
  return useRunMutation((body: DecideRunBody) => request<ModuleRun>('POST', `${runPath(runId)}/${decision}`, { body }));
}

/** With its job, or at once while nobody works on it. */
export function useCancelRun(runId: string) {
  return useRunMutation(() => request<ModuleRun>('POST', `${runPath(runId)}/cancel`));
}

/** @param moduleId '': not known yet */
export function useModuleOutputs(moduleId: string, pollEveryMs: PollEveryMs) {
  return useQuery({
    queryKey: keys.moduleOutputs(moduleId),
    queryFn: ({ signal }) => request<ModuleOutputs>('GET', `${nodePath('module', moduleId)}/outputs`, { signal }),
    refetchInterval: pollEveryMs,
    enabled: moduleId !== '',
  });
}

/** The newest first. */
export function useOutputVersions(moduleId: string, pollEveryMs: PollEveryMs) {
  return usePages<ModuleOutputVersion>(
    keys.outputVersions(moduleId),
    `${nodePath('module', moduleId)}/outputs/versions`,
    { pollEveryMs },
  );
}

function useRunMutation<Input, Answer>(mutationFn: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: keys.moduleRuns }) });
}

function runPath(runId: string): string {
  return `/module-runs/${encodeURIComponent(runId)}`;
}
