import type {
  AssignmentView,
  ConnectionView,
  CreateAssignmentBody,
  CreateRunnerBody,
  InstanceView,
  Page,
  RunnerAssignments,
  RunnerCreated,
  RunnerView,
  UpdateRunnerBody,
} from '@dibs/shared';
import { queryOptions, useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { readAll } from './all-pages';
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
  return useQuery(assignmentsQuery(runnerId));
}

/** Of several runners, in their order. */
export function useAssignmentsOf(runnerIds: readonly string[]) {
  return useQueries({ queries: runnerIds.map(assignmentsQuery) });
}

function assignmentsQuery(runnerId: string) {
  return queryOptions({
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

/** Takes the whole of a stack, namespace or module, or gives it back. */
export function useAssignRunner(runnerId: string) {
  return useRunnersMutation((body: CreateAssignmentBody) =>
    request<AssignmentView>('POST', `/runners/${encodeURIComponent(runnerId)}/assignments`, { body }),
  );
}

export function useUnassignRunner(runnerId: string) {
  return useRunnersMutation((assignmentId: string) =>
    request('DELETE', `/runners/${encodeURIComponent(runnerId)}/assignments/${encodeURIComponent(assignmentId)}`),
  );
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
