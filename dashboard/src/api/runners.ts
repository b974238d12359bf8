import type {
  ConnectionView,
  CreateRunnerBody,
  InstanceView,
  Page,
  RunnerAssignments,
  RunnerCreated,
  RunnerView,
  UpdateRunnerBody,
} from '@dibs/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from './http';
import { keys } from './keys';

export function useRunners(pollEveryMs: number | false) {
  return useQuery({
    queryKey: keys.runnerList,
    queryFn: ({ signal }) => readAll<RunnerView>('/runners', signal),
    refetchInterval: pollEveryMs,
  });
}

export function useInstances(runnerId: string, pollEveryMs: number | false) {
  return useQuery({
    queryKey: keys.instances(runnerId),
    queryFn: ({ signal }) => readAll<InstanceView>(`/runners/${encodeURIComponent(runnerId)}/instances`, signal),
    refetchInterval: pollEveryMs,
  });
}

export function useAssignments(runnerId: string) {
  return useQuery({
    queryKey: keys.assignments(runnerId),
    queryFn: ({ signal }) =>
      request<RunnerAssignments>('GET', `/runners/${encodeURIComponent(runnerId)}/assignments`, { signal }),
  });
}

/** Those that have ended; the current one is in the instance itself. Read again with everything of the runners. */
export function useConnections(runnerId: string, instance: string) {
  return useQuery({
    queryKey: keys.connections(runnerId, instance),
    queryFn: ({ signal }) => {
      const path = `/runners/${encodeURIComponent(runnerId)}/instances/${encodeURIComponent(instance)}/connections`;
      return request<Page<ConnectionView>>('GET', path, { query: { limit: 100 }, signal });
    },
  });
}

export function useCreateRunner() {
  return useRunnersMutation((body: CreateRunnerBody) => request<RunnerCreated>('POST', '/runners', { body }));
}

export function useUpdateRunner(runnerId: string) {
  return useRunnersMutation((body: UpdateRunnerBody) =>
    request<RunnerView>('PATCH', `/runners/${encodeURIComponent(runnerId)}`, { body }),
  );
}

export function useDeleteRunner(runnerId: string) {
  return useRunnersMutation(() => request('DELETE', `/runners/${encodeURIComponent(runnerId)}`));
}

interface DrainOrder {
  readonly instance: string;
  /** false: it is to take jobs again. */
  readonly wanted: boolean;
  /** What still runs so many seconds later is given up; null: the drain waits for it. */
  readonly deadlineSeconds: number | null;
}

export function useDrainInstance(runnerId: string) {
  return useRunnersMutation(({ instance, wanted, deadlineSeconds }: DrainOrder) => {
    const path = `/runners/${encodeURIComponent(runnerId)}/instances/${encodeURIComponent(instance)}/drain`;
    if (!wanted) return request('DELETE', path);
    return request('POST', path, deadlineSeconds === null ? {} : { body: { deadlineSeconds } });
  });
}

/** The same for every instance there is now. */
export function useDrainRunner(runnerId: string) {
  return useRunnersMutation(({ wanted, deadlineSeconds }: Omit<DrainOrder, 'instance'>) => {
    const path = `/runners/${encodeURIComponent(runnerId)}/drain`;
    if (!wanted) return request('DELETE', path);
    return request('POST', path, deadlineSeconds === null ? {} : { body: { deadlineSeconds } });
  });
}

function useRunnersMutation<Input, Answer>(mutationFn: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: keys.runners }) });
}

/** Runners and their instances are few: the page shows all of them. */
async function readAll<Item>(path: string, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await request<Page<Item>>('GET', path, { query: { limit: 100, cursor }, signal });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return items;
}
