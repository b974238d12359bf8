'use client';

import type { HierarchyNodeView, ModuleOutput } from '@dibs/shared';
import { Anchor, Paper, Skeleton, VisuallyHidden } from '@mantine/core';
import { IconBraces, IconLock } from '@tabler/icons-react';
import { DataTable, type DataTableColumn } from 'mantine-datatable';
import Link from 'next/link';
import { ApiError, messageOf } from '../../api/api-error';
import { useModuleOutputs } from '../../api/module-runs';
import { CopyIcon } from '../../ui/code-block';
import { LoadError } from '../../ui/load-error';
import { Notice } from '../../ui/notice';
import { Ago } from '../../ui/times';
import { AboveList } from '../administration/administration-frame';
import { OutputVersions } from './output-versions';
import { useLiveRuns } from './use-live-runs';
import table from '../administration/administration.module.css';
import classes from './module-runs.module.css';

interface NamedOutput {
  readonly name: string;
  readonly output: ModuleOutput;
}

/** What the module put out last; values of sensitive ones never leave the server. */
export function ModuleOutputsPart({ module }: { readonly module: HierarchyNodeView }) {
  const { data, error, refetch, isFetching } = useModuleOutputs(module.id, useLiveRuns());
  if (!data) {
    return error ? (
      <LoadError
        what="The outputs"
        detail={messageOf(error)}
        requestId={error instanceof ApiError ? error.requestId : null}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    ) : (
      <Skeleton height={160} radius="lg" role="status" aria-label="Loading the outputs" />
    );
  }
  if (data.version === 0) {
    return (
      <Notice icon={<IconBraces size={22} />} title="Nothing was put out yet">
        What an apply puts out is listed here, and other modules can take it as a variable.
      </Notice>
    );
  }
  const outputs = Object.entries(data.outputs).map(([name, output]): NamedOutput => ({ name, output }));
  return (
    <>
      <AboveList>
        Version {data.version}
        {data.changedAt && (
          <>
            , <Ago at={data.changedAt} />
          </>
        )}
        {data.jobId && (
          <>
            , by{' '}
            <Anchor component={Link} href={`/jobs/${data.jobId}`} underline="always">
              this job
            </Anchor>
          </>
        )}
        . A new version is made only when something changes.
      </AboveList>
      {outputs.length === 0 ? (
        <Notice icon={<IconBraces size={22} />} title="No outputs">
          The configuration has none, or everything was destroyed.
        </Notice>
      ) : (
        <Paper className={table.paper} radius="lg">
          <DataTable<NamedOutput>
            records={outputs}
            columns={COLUMNS}
            idAccessor="name"
            minHeight={0}
            verticalSpacing={9}
            horizontalSpacing="md"
            borderColor="var(--border)"
            rowBorderColor="var(--border)"
          />
        </Paper>
      )}
      <OutputVersions moduleId={module.id} />
    </>
  );
}

const COLUMNS: DataTableColumn<NamedOutput>[] = [
  {
    accessor: 'name',
    title: 'Name',
    width: '34%',
    render: ({ name }) => (
      <bdi className={table.name} data-output={name}>
        {name}
      </bdi>
    ),
  },
  { accessor: 'output', title: 'Value', render: ({ output }) => <Value output={output} /> },
  {
    accessor: 'copy',
    title: <VisuallyHidden>Actions</VisuallyHidden>,
    width: 56,
    textAlign: 'right',
    render: ({ name, output }) => !output.sensitive && <CopyIcon value={textOf(output.value)} label={`Copy ${name}`} />,
  },
];

function Value({ output }: { readonly output: ModuleOutput }) {
  if (output.sensitive) {
    return (
      <span className={table.note}>
        <IconLock size={14} style={{ verticalAlign: -2 }} aria-hidden /> sensitive, never shown
      </span>
    );
  }
  return (
    <pre className={classes.outputValue}>
      <bdi>{textOf(output.value)}</bdi>
    </pre>
  );
}

/** A text as it is, anything else as JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
