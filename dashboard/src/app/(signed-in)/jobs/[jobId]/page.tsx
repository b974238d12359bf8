import type { JobId } from '@dibs/shared';
import { JobPage } from '../../../../features/jobs/job-page';

export default async function JobRoute({ params }: { readonly params: Promise<{ jobId: string }> }) {
  const { jobId } = await params;
  return <JobPage key={jobId} jobId={jobId as JobId} />;
}
