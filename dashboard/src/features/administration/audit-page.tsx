'use client';

import type { AuditEventView } from '@dibs/shared';
import { Button, Tooltip, UnstyledButton } from '@mantine/core';
import { IconListSearch } from '@tabler/icons-react';
import type { DataTableColumn } from 'mantine-datatable';
import { useRouter, useSearchParams } from 'next/navigation';
import { useAudit } from '../../api/audit';
import { formatMoment } from '../../ui/format-time';
import { Notice } from '../../ui/notice';
import { AboveList } from './administration-frame';
import { AuditDetail } from './audit-detail';
import { AuditFilterBar } from './audit-filter-bar';
import { auditPath, NO_FILTER, readAuditView, toAuditFilter, type AuditView } from './audit-view';
import { NOT_A_PHONE, PagedTable } from './paged-table';
import classes from './administration.module.css';

export function AuditPage() {
  const router = useRouter();
  const view = readAuditView(useSearchParams());
  const events = useAudit(toAuditFilter(view));
  const show = (next: AuditView): void => router.replace(auditPath(next), { scroll: false });
  const isFiltered = auditPath(view) !== auditPath(NO_FILTER);
  return (
    <>
      <AboveList>
        Every change of users, credentials, runners, pauses and settings that succeeded, newest first. It cannot be
        edited.
      </AboveList>
      <AuditFilterBar view={view} onChange={show} />
      <PagedTable
        what="The audit trail"
        list={events}
        columns={columns((actor) => show({ ...view, actor }))}
        empty={
          <Notice
            icon={<IconListSearch size={22} />}
            title={isFiltered ? 'Nothing like this was done' : 'No change yet'}
            actions={
              isFiltered && (
                <Button variant="default" onClick={() => show(NO_FILTER)}>
                  Show all changes
                </Button>
              )
            }
          >
            {isFiltered
              ? 'Nothing in the trail fits all of these filters.'
              : 'What is done from now on is listed here.'}
          </Notice>
        }
      />
    </>
  );
}

function columns(onActor: (id: string) => void): DataTableColumn<AuditEventView>[] {
  return [
    {
      accessor: 'at',
      title: 'When',
      width: 180,
      visibleMediaQuery: NOT_A_PHONE,
      render: ({ at }) => (
        <time dateTime={at} className={classes.when}>
          {formatMoment(at)}
        </time>
      ),
    },
    { accessor: 'actorId', title: 'Who', width: '38%', render: (event) => <Actor event={event} onActor={onActor} /> },
    {
      accessor: 'action',
      title: 'What',
      render: (event) => <AuditDetail event={event} />,
    },
  ];
}

interface ActorProps {
  readonly event: AuditEventView;
  readonly onActor: (id: string) => void;
}

const KIND_WORDS: Readonly<Record<string, string>> = {
  user: 'user',
  servicePrincipal: 'service principal',
  apiToken: 'API token',
  system: 'the server itself',
};

function Actor({ event: { actorId, actorKind, actorName }, onActor }: ActorProps) {
  return (
    <div className={classes.name}>
      <Tooltip label="Only what they did">
        <UnstyledButton className={classes.who} onClick={() => onActor(actorId)}>
          <bdi>{actorName ?? actorId}</bdi>
        </UnstyledButton>
      </Tooltip>
      <div className={classes.note}>{KIND_WORDS[actorKind] ?? actorKind}</div>
    </div>
  );
}
