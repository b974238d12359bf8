import { Suspense } from 'react';
import { AuditPage } from '../../../../features/administration/audit-page';

export default function AuditRoute() {
  return (
    <Suspense>
      <AuditPage />
    </Suspense>
  );
}
