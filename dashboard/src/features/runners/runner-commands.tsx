'use client';

import type { RunnerCreated } from '@dibs/shared';
import { Button, Group, Stack, Tabs, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useLive } from '../../live/live-provider';
import { Callout } from '../../ui/callout';
import { CodeBlock } from '../../ui/code-block';
import { dockerCommand, kubernetesManifest, shellCommand, type RunnerAccess } from './start-commands';

interface RunnerCommandsProps {
  readonly created: Pick<RunnerCreated, 'name' | 'credentials'>;
  readonly onDone: () => void;
}

export function RunnerCommands({ created, onDone }: RunnerCommandsProps) {
  const { serverUrl } = useLive();
  const access: RunnerAccess = {
    serverUrl: serverUrl ?? 'http://127.0.0.1:3000',
    name: created.name,
    clientId: created.credentials?.clientId ?? '<client id>',
    clientSecret: created.credentials?.clientSecret ?? '<client secret>',
  };
  return (
    <Stack>
      <Callout tone="warn" icon={<IconKey size={18} />}>
        The client secret is shown only now. Copy what you need before you close this window.
      </Callout>
      <Tabs defaultValue="shell" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="shell">Shell</Tabs.Tab>
          <Tabs.Tab value="docker">Docker</Tabs.Tab>
          <Tabs.Tab value="kubernetes">Kubernetes</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="shell" pt="md">
          <Explained text="In a checkout of Dibs, on the machine that is to run jobs:">
            <CodeBlock label="the shell command" code={shellCommand(access)} />
          </Explained>
        </Tabs.Panel>
        <Tabs.Panel value="docker" pt="md">
          <Explained text="One container; the secret stays out of the command line's process list.">
            <CodeBlock label="the Docker command" code={dockerCommand(access)} />
          </Explained>
        </Tabs.Panel>
        <Tabs.Panel value="kubernetes" pt="md">
          <Explained text="A StatefulSet: each pod is an instance with its pod's name.">
            <CodeBlock label="the manifest" code={kubernetesManifest(access)} maxHeight={380} />
          </Explained>
        </Tabs.Panel>
      </Tabs>
      <Group justify="flex-end">
        <Button onClick={onDone}>I have copied it</Button>
      </Group>
    </Stack>
  );
}

function Explained({ text, children }: { readonly text: string; readonly children: React.ReactNode }) {
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      {children}
    </Stack>
  );
}
