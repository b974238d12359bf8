import type { CreateJobViewBody, JobViewView, Page } from '@dibs/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { request } from './http';
import { keys } from './keys';

/** One's own saved filters, the same in every browser. */
export function useJobViews() {
  return useQuery({
    queryKey: keys.jobViews,
    queryFn: ({ signal }) => request<Page<JobViewView>>('GET', '/job-views', { signal }),
    staleTime: 60_000,
  });
}

export function useSaveJobView() {
  return useViewsMutation((body: CreateJobViewBody) => request<JobViewView>('POST', '/job-views', { body }));
}

export function useDeleteJobView() {
  return useViewsMutation((id: string) => request('DELETE', `/job-views/${encodeURIComponent(id)}`));
}

function useViewsMutation<Input, Answer>(mutationFn: (input: Input) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => client.invalidateQueries({ queryKey: keys.jobViews }) });
}
