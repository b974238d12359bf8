import { type Percentiles, percentilesOf } from './percentiles.js';

/** As large as jobs of CI pipelines are. */
export const TYPICAL_JOB = {
  name: 'deploy/network',
  priority: 5,
  steps: [
    { name: 'init', run: 'terraform init', timeoutSeconds: 600 },
    { name: 'plan', run: 'terraform plan -out p' },
    { name: 'apply', run: 'terraform apply p' },
  ],
  env: { TF_IN_AUTOMATION: '1' },
} as const;

/** @param post submits one job; fulfilled when it is answered */
export async function submitConcurrently(
  post: (body: object) => Promise<unknown>,
  { callers, jobs }: { readonly callers: number; readonly jobs: number },
): Promise<{ readonly perSecond: number; readonly ms: Percentiles }> {
  const samples: number[] = [];
  let left = jobs;
  const submitRest = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const sentAt = performance.now();
      await post(TYPICAL_JOB);
      samples.push(performance.now() - sentAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: callers }, submitRest));
  return { perSecond: Math.round((jobs / (performance.now() - startedAt)) * 1000), ms: percentilesOf(samples) };
}
