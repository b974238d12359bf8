import { Suspense } from 'react';
import { RunPage } from '../../../../../features/module-runs/run-page';

export default async function RunRoute({ params }: { readonly params: Promise<{ runId: string }> }) {
  const { runId } = await params;
  return (
    <Suspense>
      <RunPage key={runId} runId={runId} />
    </Suspense>
  );
}
