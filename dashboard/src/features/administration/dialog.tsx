'use client';

import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { messageOf } from '../../api/api-error';
import { Callout } from '../../ui/callout';

interface FormDialogProps {
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** Words of the button that does it. */
  readonly confirm: string;
  readonly isDangerous?: boolean;
  readonly isPending: boolean;
  readonly isDisabled?: boolean;
  /** Why it was refused; null: it was not. */
  readonly error: Error | null;
  readonly onSubmit: () => void;
  /** Beside the buttons. */
  readonly aside?: ReactNode;
  /** Width where there is room. */
  readonly size?: number;
}

/** Asks, then does it; a refusal is told where it was asked. It is open while it is there. */
export function FormDialog(props: FormDialogProps) {
  const { onClose, title, children, confirm, isDangerous, isPending, isDisabled, error, aside, size = 460 } = props;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isDisabled) props.onSubmit();
  };
  return (
    <Modal opened onClose={onClose} title={title} radius="lg" size={size} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {error && (
            <Callout tone="bad" role="alert">
              {messageOf(error)}
            </Callout>
          )}
          {typeof children === 'string' ? <Text>{children}</Text> : children}
          <Group justify="flex-end" gap="sm">
            {aside && <span style={{ marginRight: 'auto' }}>{aside}</span>}
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color={isDangerous ? 'red.9' : undefined} loading={isPending} disabled={isDisabled}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
