'use client';

import { Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { messageOf } from '../../api/api-error';
import { changePassword } from '../../api/session';
import { Callout } from '../../ui/callout';

const LEAST_LENGTH = 8;

interface ChangePasswordDialogProps {
  readonly email: string;
  readonly onClose: () => void;
}

/** One's own, whatever one's role. It is open while it is there. */
export function ChangePasswordDialog({ email, onClose }: ChangePasswordDialogProps) {
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: () => {
      onClose();
      notifications.show({ color: 'green', message: 'Your password is changed. Other browsers were signed out.' });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (current !== '' && wanted.length >= LEAST_LENGTH) {
      change.mutate({ currentPassword: current, newPassword: wanted });
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title="Change your password"
      radius="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={submit} noValidate>
        <Stack>
          {change.error && (
            <Callout tone="bad" role="alert">
              {messageOf(change.error)}
            </Callout>
          )}
          {/* password managers file it under the name */}
          <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            data-autofocus
          />
          <PasswordInput
            label="New password"
            description={`At least ${LEAST_LENGTH} characters`}
            autoComplete="new-password"
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
          <Text size="xs" c="dimmed">
            You stay signed in here and are signed out everywhere else.
          </Text>
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={change.isPending} disabled={current === '' || wanted.length < LEAST_LENGTH}>
              Change it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
