'use client';

import type { RunnerCreated } from '@dibs/shared';
import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { ApiError, messageOf } from '../../api/api-error';
import { useCreateRunner } from '../../api/runners';
import { Callout } from '../../ui/callout';
import { RunnerCommands } from './runner-commands';

interface RegisterRunnerProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** First the form, then, once, the commands with the credentials. */
export function RegisterRunner({ isOpen, onClose }: RegisterRunnerProps) {
  const [created, setCreated] = useState<RunnerCreated | null>(null);
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      onExitTransitionEnd={() => setCreated(null)}
      // The secret is shown only here: a slip outside the window must not lose it.
      closeOnClickOutside={!created}
      closeOnEscape={!created}
      closeButtonProps={{ 'aria-label': 'Close' }}
      title={created ? `Start ${created.name}` : 'Register a runner'}
      size={created ? 720 : 460}
      radius="lg"
    >
      {created ? (
        <RunnerCommands created={created} onDone={onClose} />
      ) : (
        <RegisterForm onCreated={setCreated} onCancel={onClose} />
      )}
    </Modal>
  );
}

interface RegisterFormProps {
  readonly onCreated: (created: RunnerCreated) => void;
  readonly onCancel: () => void;
}

function RegisterForm({ onCreated, onCancel }: RegisterFormProps) {
  const create = useCreateRunner();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', allowMultipleInstances: true },
    validate: { name: (value) => (value.trim() ? null : 'Give it a name, as in build-pool') },
  });
  const submit = form.onSubmit(({ name, allowMultipleInstances }) =>
    create.mutate(
      { name: name.trim(), allowMultipleInstances },
      { onSuccess: onCreated, onError: (error) => form.setErrors(propertyErrors(error)) },
    ),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {create.error && Object.keys(propertyErrors(create.error)).length === 0 && (
          <Callout tone="bad" role="alert">
            {messageOf(create.error)}
          </Callout>
        )}
        <TextInput
          label="Name"
          description="Jobs can ask for it by this name."
          placeholder="build-pool"
          data-autofocus
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <Checkbox
          label="Several instances"
          description="Many processes, each with its own instance name, share this record: a StatefulSet or a pool of machines."
          key={form.key('allowMultipleInstances')}
          {...form.getInputProps('allowMultipleInstances', { type: 'checkbox' })}
        />
        <Text size="xs" c="dimmed">
          Next you see the commands that start it, with credentials that are shown only once.
        </Text>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Register
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function propertyErrors(error: Error): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  if (error.status === 409) return { name: error.message };
  return Object.fromEntries(
    error.errors.filter(({ path }) => path === 'name').map(({ path, message }) => [path, message]),
  );
}
