import { Suspense } from 'react';
import { StacksPage } from '../../../features/hierarchy/stacks-page';

export default function StacksRoute() {
  return (
    <Suspense>
      <StacksPage />
    </Suspense>
  );
}
