import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface PageHeaderProps {
  /** Where the page is, as links outwards. */
  readonly above?: ReactNode;
  readonly title: string;
  /** Beside the title. */
  readonly state?: ReactNode;
  readonly description?: string;
  readonly actions?: ReactNode;
}

export function PageHeader({ above, title, state, description, actions }: PageHeaderProps) {
  return (
    <Group justify="space-between" align="flex-start" gap="md" mb="lg">
      <Stack gap={2}>
        {above}
        <Group gap="sm">
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>
            <bdi>{title}</bdi>
          </Title>
          {state}
        </Group>
        {description && <Text c="dimmed">{description}</Text>}
      </Stack>
      {actions}
    </Group>
  );
}
