'use client';

import type { JobSummary } from '@dibs/shared';
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconArrowUp } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { messageOf } from '../../api/api-error';
import { readJobs, type JobFilter, type useJobList } from '../../api/jobs';
import { usePermission } from '../../api/session';
import { JobTable } from './job-table';
import { SelectionBar } from './selection-bar';
import { useJobKeys } from './use-job-keys';
import { useSteadyRows } from './use-steady-rows';
import classes from './job-table.module.css';

/** More at a time nobody can mean; whoever does goes on with the next ones. */
const MOST_SELECTED = 1_000;

interface JobListProps {
  readonly filter: JobFilter;
  readonly list: ReturnType<typeof useJobList>;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
}

/** The rows, what is selected of them, and the keys to walk through them. */
export function JobList({ filter, list, onSearch, onHelp }: JobListProps) {
  const mayControl = usePermission('jobs:control');
  const box = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<ReadonlyMap<string, JobSummary>>(new Map());
  const [isSelectingAll, setSelectingAll] = useState(false);
  const latest = list.data?.pages.flatMap((page) => page.items);
  const { rows, gone, fresh, refresh, handlers } = useSteadyRows(latest, chosen.size > 0, JSON.stringify(filter));
  // with the states of now
  const selected = new Map([...chosen].map(([id, job]) => [id, rows.find((row) => row.id === id) ?? job]));
  const select = (jobs: readonly JobSummary[]): void => setChosen(new Map(jobs.map((job) => [job.id, job])));
  const toggle = (jobId: string): void => {
    const row = rows.find(({ id }) => id === jobId);
    if (!mayControl || !row) return;
    const others = [...selected.values()].filter(({ id }) => id !== jobId);
    select(selected.has(jobId) ? others : [...others, row]);
  };
  useJobKeys({ list: box, onToggle: toggle, onClear: () => select([]), onSearch, onHelp });

  const selectAll = async (): Promise<void> => {
    setSelectingAll(true);
    try {
      const all = await readJobs(filter, MOST_SELECTED);
      select(all);
      if (all.length === MOST_SELECTED) {
        notifications.show({
          message: `The newest ${MOST_SELECTED} are selected; that many can be changed at a time.`,
        });
      }
    } catch (error) {
      notifications.show({ color: 'red', title: 'Not selected', message: messageOf(error) });
    } finally {
      setSelectingAll(false);
    }
  };
  return (
    <div ref={box} className={classes.list} {...handlers}>
      {fresh > 0 && (
        <Button
          variant="default"
          size="compact-sm"
          radius="xl"
          className={classes.fresh}
          leftSection={<IconArrowUp size={14} />}
          onClick={refresh}
        >
          {fresh === 1 ? 'One newer job' : `${fresh} newer jobs`}
        </Button>
      )}
      <JobTable
        jobs={latest && rows}
        gone={gone}
        selection={mayControl ? { selected, onSelect: select } : null}
        onLoadMore={list.hasNextPage ? () => void list.fetchNextPage() : null}
        isLoadingMore={list.isFetchingNextPage}
        readProblem={list.error ? messageOf(list.error) : null}
      />
      {selected.size > 0 && (
        <SelectionBar
          selected={[...selected.values()]}
          onSelectAll={list.hasNextPage || selected.size < rows.length ? () => void selectAll() : null}
          isSelectingAll={isSelectingAll}
          onClear={() => select([])}
        />
      )}
    </div>
  );
}
