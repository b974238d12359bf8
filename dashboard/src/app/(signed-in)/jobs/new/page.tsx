import { Suspense } from 'react';
import { SubmitPage } from '../../../../features/submit/submit-page';

export default function SubmitRoute() {
  return (
    <Suspense>
      <SubmitPage />
    </Suspense>
  );
}
