'use client';

import type { RunnerView, ServicePrincipalCreated } from '@dibs/shared';
import { Modal } from '@mantine/core';
import { useState } from 'react';
import { RotateSecretDialog } from '../administration/rotate-secret-dialog';
import { RunnerCommands } from './runner-commands';

/** Asks how long the old secret is to work, then shows, once, the commands with the new one. Open while it is there. */
export function RotateCredentials({ runner, onClose }: { readonly runner: RunnerView; readonly onClose: () => void }) {
  const [rotated, setRotated] = useState<ServicePrincipalCreated | null>(null);
  if (rotated === null) {
    return (
      <RotateSecretDialog
        principalId={runner.servicePrincipalId}
        name={runner.name}
        onClose={onClose}
        onRotated={setRotated}
      />
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      // The secret is shown only here: a slip outside the window must not lose it.
      closeOnClickOutside={false}
      closeOnEscape={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={`New credentials of ${runner.name}`}
      size={720}
      radius="lg"
    >
      <RunnerCommands created={{ name: runner.name, credentials: rotated.credentials }} onDone={onClose} />
    </Modal>
  );
}
