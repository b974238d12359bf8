import type { JobExplanation } from '@dibs/shared';
import { useQuery } from '@tanstack/react-query';
import { request } from './http';
import { keys } from './keys';

/** Why the job waits. @param pollEveryMs false: it does not wait any more */
export function useExplanation(jobId: string, pollEveryMs: number | false) {
  return useQuery({
    queryKey: keys.explanation(jobId),
    queryFn: ({ signal }) => request<JobExplanation>('GET', `/jobs/${encodeURIComponent(jobId)}/explain`, { signal }),
    refetchInterval: pollEveryMs,
  });
}
