'use client';

import { Button, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { Notice } from './notice';

interface LoadErrorProps {
  readonly what: string;
  readonly detail: string;
  /** To name in a report; null: no server answered. */
  readonly requestId: string | null;
  readonly onRetry: () => void;
  readonly isRetrying: boolean;
  /** It is all there is on the page. */
  readonly isPage?: boolean;
}

export function LoadError({ what, detail, requestId, onRetry, isRetrying, isPage = false }: LoadErrorProps) {
  return (
    <Notice
      isAlert
      isPage={isPage}
      icon={<IconPlugConnectedX size={22} />}
      title={`${what} could not be loaded`}
      actions={
        <Button variant="default" onClick={onRetry} loading={isRetrying}>
          Try again
        </Button>
      }
    >
      <Text c="dimmed">{detail}</Text>
      {requestId && (
        <Text c="dimmed" size="xs" ff="monospace">
          request {requestId}
        </Text>
      )}
    </Notice>
  );
}
