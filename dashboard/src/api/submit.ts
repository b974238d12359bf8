import type { JobExplanation, JobSummary, SubmitJobBody } from '@dibs/shared';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ApiError } from './api-error';
import { request } from './http';
import { keys } from './keys';

/** Slots become free and runners come and go without a word to this page. */
const ASK_AGAIN_MS = 3_000;

const MOST_RETRIES = 2;

export interface Submission {
  readonly body: SubmitJobBody;
  /** The same key and body make one job, however often they arrive. */
  readonly idempotencyKey: string;
}

/** Sent again by itself where no answer came: the key makes that harmless. @returns the new job */
export function useSubmitJob() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: Submission) =>
      request<JobSummary>('POST', '/jobs', { body, headers: { 'idempotency-key': idempotencyKey } }),
    retry: (failures, error) => error instanceof ApiError && error.isTemporary && failures < MOST_RETRIES,
    retryDelay: (failures) => 500 * 2 ** failures,
    onSettled: () => client.invalidateQueries({ queryKey: keys.jobLists }),
  });
}

/** Who would take the job. The answer to the job as it was before stands until there is a new one. */
export function useWhatIf(body: SubmitJobBody, isEnabled: boolean) {
  return useQuery({
    queryKey: keys.whatIf(body),
    queryFn: ({ signal }) => request<JobExplanation>('POST', '/jobs/explain', { body, signal }),
    enabled: isEnabled,
    refetchInterval: ASK_AGAIN_MS,
    placeholderData: (previous) => previous,
    gcTime: 10_000,
    retry: false,
  });
}
