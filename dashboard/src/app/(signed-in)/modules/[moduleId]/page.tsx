import { Suspense } from 'react';
import { ModulePage } from '../../../../features/hierarchy/module-page';

export default async function ModuleRoute({ params }: { readonly params: Promise<{ moduleId: string }> }) {
  const { moduleId } = await params;
  return (
    <Suspense>
      <ModulePage key={moduleId} moduleId={moduleId} />
    </Suspense>
  );
}
