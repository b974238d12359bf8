'use client';

import { MAX_RUNNER_PRIORITY, type RunnerView } from '@dibs/shared';
import { Button, NumberInput, Popover, Text, UnstyledButton } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { messageOf } from '../../api/api-error';
import { useUpdateRunner } from '../../api/runners';
import { RunnerAssignmentsList } from './runner-assignments-list';
import classes from './runners.module.css';

/** What the record says about whom to use for what: priority, and which parts of the hierarchy it is there for. */
export function RunnerStanding({ runner, mayManage }: { readonly runner: RunnerView; readonly mayManage: boolean }) {
  return (
    <span className={classes.standing}>
      {mayManage ? <PriorityEditor runner={runner} /> : <Text size="xs">Priority {runner.priority}</Text>}
      {runner.isAssignedToAllModules ? (
        <Text size="xs" c="dimmed">
          takes any job
        </Text>
      ) : (
        <Assignments runner={runner} />
      )}
    </span>
  );
}

function PriorityEditor({ runner }: { readonly runner: RunnerView }) {
  const [isOpen, setIsOpen] = useState(false);
  const [draft, setDraft] = useState<number | string>(runner.priority);
  const update = useUpdateRunner(runner.id);
  const priority = Number(draft);
  const isValid = draft !== '' && Number.isInteger(priority) && Math.abs(priority) <= MAX_RUNNER_PRIORITY;
  const save = (): void =>
    update.mutate(
      { priority },
      {
        onSuccess: () => setIsOpen(false),
        onError: (error) => notifications.show({ color: 'red', title: 'Not changed', message: messageOf(error) }),
      },
    );
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-start" withArrow trapFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.standingButton}
          onClick={() => {
            setDraft(runner.priority);
            setIsOpen((open) => !open);
          }}
          aria-label={`Priority ${runner.priority} of runner ${runner.name}: change`}
        >
          Priority {runner.priority}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className={classes.priorityForm}
          onSubmit={(event) => {
            event.preventDefault();
            if (isValid) save();
          }}
        >
          <NumberInput
            label="Priority"
            description="Higher goes first among runners that fit a job equally well."
            value={draft}
            onChange={setDraft}
            min={-MAX_RUNNER_PRIORITY}
            max={MAX_RUNNER_PRIORITY}
            allowDecimal={false}
            data-autofocus
          />
          <Button type="submit" size="xs" loading={update.isPending} disabled={!isValid}>
            Save
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

function Assignments({ runner }: { readonly runner: RunnerView }) {
  const words =
    runner.assignments === 0
      ? 'assigned to nothing: only jobs that name it'
      : `assigned to ${runner.assignments} ${runner.assignments === 1 ? 'part' : 'parts'} of the hierarchy`;
  if (runner.assignments === 0) {
    return (
      <Text size="xs" c="dimmed">
        {words}
      </Text>
    );
  }
  return (
    <Popover position="bottom-start" withArrow>
      <Popover.Target>
        <UnstyledButton className={classes.standingButton}>{words}</UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <RunnerAssignmentsList runnerId={runner.id} />
      </Popover.Dropdown>
    </Popover>
  );
}
