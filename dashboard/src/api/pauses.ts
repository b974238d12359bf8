import type { CreatePauseBody, MaintenanceView, Page, PauseView, StartMaintenanceBody } from '@dibs/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from './http';
import { keys } from './keys';

/** @param pollEveryMs how often to ask while no hints arrive; only the banner, which is on every page, needs to */
export function usePauses(pollEveryMs: number | false = false) {
  return useQuery({
    queryKey: keys.pauseList,
    queryFn: ({ signal }) => request<Page<PauseView>>('GET', '/pauses', { query: { limit: 200 }, signal }),
    refetchInterval: pollEveryMs,
  });
}

export function useMaintenance(pollEveryMs: number | false = false) {
  return useQuery({
    queryKey: keys.maintenance,
    queryFn: ({ signal }) => request<MaintenanceView>('GET', '/maintenance', { signal }),
    refetchInterval: pollEveryMs,
  });
}

export function usePause() {
  return usePausesMutation((body: CreatePauseBody) => request<PauseView>('POST', '/pauses', { body }));
}

export function useResume() {
  return usePausesMutation((pauseId: string) => request('DELETE', `/pauses/${encodeURIComponent(pauseId)}`));
}

export function useStartMaintenance() {
  return usePausesMutation((body: StartMaintenanceBody) => request<MaintenanceView>('POST', '/maintenance', { body }));
}

export function useEndMaintenance() {
  return usePausesMutation(() => request<MaintenanceView>('DELETE', '/maintenance'));
}

function usePausesMutation<Input, Answer>(mutationFn: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  const refresh = (): Promise<unknown> =>
    // what waits explains itself by the pauses
    Promise.all([keys.pauses, keys.jobs].map((queryKey) => client.invalidateQueries({ queryKey })));
  return useMutation({ mutationFn, onSettled: refresh });
}
