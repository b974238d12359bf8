'use client';

import { useCreateServicePrincipal } from '../../api/access';
import { CreateMachineDialog } from './create-machine-dialog';
import { clientCredentials, type ShownSecret } from './secret-dialog';

interface CreatePrincipalDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (secret: ShownSecret) => void;
}

export function CreatePrincipalDialog({ onClose, onCreated }: CreatePrincipalDialogProps) {
  const create = useCreateServicePrincipal();
  return (
    <CreateMachineDialog
      title="Add a service principal"
      nameHint="What it is for, as in ci or deploy pipeline"
      isPending={create.isPending}
      error={create.error}
      onClose={onClose}
      onSubmit={(machine) =>
        create.mutate(machine, {
          onSuccess: (created) => {
            onClose();
            onCreated(clientCredentials(created));
          },
        })
      }
    />
  );
}
