import { Suspense } from 'react';
import { ScopeRunPage } from '../../../../../features/scope-runs/scope-run-page';

export default async function ScopeRunRoute({ params }: { readonly params: Promise<{ runId: string }> }) {
  const { runId } = await params;
  return (
    <Suspense>
      <ScopeRunPage key={runId} runId={runId} />
    </Suspense>
  );
}
