'use client';

import type { ServicePrincipalView } from '@dibs/shared';
import { useDeleteServicePrincipal, useUpdateServicePrincipal } from '../../api/access';
import { DisableDialog, RoleDialog } from './account-dialogs';
import { FormDialog } from './dialog';

interface PrincipalDialogProps {
  readonly principal: ServicePrincipalView;
  readonly onClose: () => void;
}

export function PrincipalRoleDialog({ principal, onClose }: PrincipalDialogProps) {
  const update = useUpdateServicePrincipal(principal.id);
  return <RoleDialog name={principal.name} role={principal.role} update={update} onClose={onClose} />;
}

export function DisablePrincipalDialog({ principal, onClose }: PrincipalDialogProps) {
  return (
    <DisableDialog
      name={principal.name}
      isDisabled={principal.disabled}
      update={useUpdateServicePrincipal(principal.id)}
      onClose={onClose}
      confirm="Disable"
      whenDisabled="Its tokens are refused from now on, and a runner that uses it is disconnected. Its secret stays, so that it can be enabled again."
      whenEnabled="It can fetch tokens again with its present secret."
    />
  );
}

export function DeletePrincipalDialog({ principal, onClose }: PrincipalDialogProps) {
  const remove = useDeleteServicePrincipal(principal.id);
  return (
    <FormDialog
      title={`Delete ${principal.name}`}
      confirm="Delete"
      isDangerous
      onClose={onClose}
      onSubmit={() => remove.mutate(undefined, { onSuccess: onClose })}
      isPending={remove.isPending}
      error={remove.error}
    >
      It and its tokens are refused from now on, for good. What it did stays in the audit trail. One that a runner uses
      cannot be deleted: delete the runner.
    </FormDialog>
  );
}
