'use client';

import type { ApiTokenView } from '@dibs/shared';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useRevokeApiToken } from '../../api/access';
import { usePermission, useSession } from '../../api/session';
import { FormDialog } from './dialog';
import { mayGrant } from './roles';

export function RevokeToken({ token }: { readonly token: ApiTokenView }) {
  const own = useSession().data?.role;
  const mayManage = usePermission('access:manage') && mayGrant(own, token.role);
  const revoke = useRevokeApiToken(token.id);
  const [isAsking, setAsking] = useState(false);
  if (!mayManage) return null;
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setAsking(true)} aria-label={`Revoke ${token.name}`}>
        Revoke
      </Button>
      {isAsking && (
        <FormDialog
          title={`Revoke ${token.name}`}
          confirm="Revoke"
          isDangerous
          onClose={() => setAsking(false)}
          onSubmit={() => revoke.mutate(undefined, { onSuccess: () => setAsking(false) })}
          isPending={revoke.isPending}
          error={revoke.error}
        >
          Whoever uses it is refused from now on, for good. What was done with it stays in the audit trail.
        </FormDialog>
      )}
    </>
  );
}
