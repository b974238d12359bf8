import { Suspense } from 'react';
import { StackPage } from '../../../../../features/hierarchy/stack-page';

export default async function StackRoute({ params }: { readonly params: Promise<{ stackId: string }> }) {
  const { stackId } = await params;
  return (
    <Suspense>
      <StackPage key={stackId} stackId={stackId} />
    </Suspense>
  );
}
