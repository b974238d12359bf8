import { Suspense } from 'react';
import { JobsPage } from '../../../features/jobs/jobs-page';

export default function JobsRoute() {
  return (
    <Suspense>
      <JobsPage />
    </Suspense>
  );
}
