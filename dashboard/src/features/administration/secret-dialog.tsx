'use client';

import type { ServicePrincipalCreated } from '@dibs/shared';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Callout } from '../../ui/callout';
import { CodeBlock } from '../../ui/code-block';

export interface ShownSecret {
  readonly title: string;
  readonly values: readonly { readonly label: string; readonly value: string }[];
  readonly hint: ReactNode;
}

export function passwordToHandOver(email: string, password: string): ShownSecret {
  return {
    title: `Password of ${email}`,
    values: [
      { label: 'E-mail', value: email },
      { label: 'Password', value: password },
    ],
    hint: 'Hand it over on a way you trust. No mail was sent.',
  };
}

export function clientCredentials({ name, credentials }: ServicePrincipalCreated): ShownSecret {
  return {
    title: `Credentials of ${name}`,
    values: [
      { label: 'Client id', value: credentials.clientId },
      { label: 'Client secret', value: credentials.clientSecret },
    ],
    hint: 'POST /connect/token with grant_type=client_credentials answers with an access token.',
  };
}

interface SecretDialogProps {
  readonly secret: ShownSecret | null;
  readonly onClose: () => void;
}

/** Shown this once: a slip outside the window must not lose it. */
export function SecretDialog({ secret, onClose }: SecretDialogProps) {
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      title={secret?.title}
      size={560}
      radius="lg"
    >
      {secret && (
        <Stack>
          <Callout tone="warn" icon={<IconKey size={18} />}>
            This is shown only now. Copy it before you close this window.
          </Callout>
          {secret.values.map(({ label, value }) => (
            <Stack key={label} gap={4}>
              <Text size="sm" fw={500}>
                {label}
              </Text>
              <CodeBlock label={label} code={value} />
            </Stack>
          ))}
          <Text size="sm" c="dimmed">
            {secret.hint}
          </Text>
          <Group justify="flex-end">
            <Button onClick={onClose}>I have copied it</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
