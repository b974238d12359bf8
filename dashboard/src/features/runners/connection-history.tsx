'use client';

import type { ConnectionView, InstanceView, RunnerId } from '@dibs/shared';
import { Button, Modal, Skeleton, Text } from '@mantine/core';
import { useState } from 'react';
import { messageOf } from '../../api/api-error';
import { useConnections } from '../../api/runners';
import { formatMoment } from '../../ui/format-time';
import { StatusPill } from '../../ui/status-pill';
import { Duration } from '../../ui/times';
import classes from './runners.module.css';

interface ConnectionHistoryProps {
  readonly runnerId: RunnerId;
  readonly instance: InstanceView;
}

/** Why an instance came and went. */
export function ConnectionHistory({ runnerId, instance }: ConnectionHistoryProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        className={classes.historyButton}
        onClick={() => setOpen(true)}
        aria-label={`Connections of ${instance.name}`}
      >
        Connections
      </Button>
      {isOpen && (
        <Modal
          opened
          onClose={() => setOpen(false)}
          title={`Connections of ${instance.name}`}
          radius="lg"
          size={620}
          closeButtonProps={{ 'aria-label': 'Close' }}
        >
          <History runnerId={runnerId} instance={instance} />
        </Modal>
      )}
    </>
  );
}

function History({ runnerId, instance }: ConnectionHistoryProps) {
  const { data, error } = useConnections(runnerId, instance.name);
  const isConnected = instance.status !== 'offline' && instance.connectedAt !== null;
  if (error) {
    return (
      <Text size="sm" role="alert">
        They could not be loaded: {messageOf(error)}
      </Text>
    );
  }
  if (!data) return <Skeleton height={90} radius="md" aria-label="Loading the connections" />;
  if (data.items.length === 0 && !isConnected) return <Text c="dimmed">It has not connected in the last 30 days.</Text>;
  return (
    <ol className={classes.history}>
      {isConnected && instance.connectedAt && (
        <li>
          <StatusPill tone="good">Connected</StatusPill>
          <span>
            since {formatMoment(instance.connectedAt)}, for <Duration from={instance.connectedAt} to={null} />
          </span>
        </li>
      )}
      {data.items.map((connection) => (
        <Ended key={connection.connectedAt} connection={connection} />
      ))}
      {data.items.length === 0 && <li className={classes.note}>No earlier connection in the last 30 days.</li>}
    </ol>
  );
}

function Ended({
  connection: { connectedAt, disconnectedAt, reason, closeCode, planned },
}: {
  readonly connection: ConnectionView;
}) {
  // some reasons name it
  const isTold = closeCode === null || reason.includes(String(closeCode));
  return (
    <li data-planned={planned}>
      <StatusPill tone={planned ? 'muted' : 'warn'}>{planned ? 'Planned' : 'Lost'}</StatusPill>
      <span>
        {formatMoment(disconnectedAt)}: {reason}
        {!isTold && ` (code ${closeCode})`}
        <span className={classes.note}>
          {' '}
          after <Duration from={connectedAt} to={disconnectedAt} />
        </span>
      </span>
    </li>
  );
}
