import { Suspense } from 'react';
import { NamespacePage } from '../../../../../features/hierarchy/namespace-page';

export default async function NamespaceRoute({ params }: { readonly params: Promise<{ namespaceId: string }> }) {
  const { namespaceId } = await params;
  return (
    <Suspense>
      <NamespacePage key={namespaceId} namespaceId={namespaceId} />
    </Suspense>
  );
}
