'use client';

import { Autocomplete, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useRunners } from '../../api/runners';
import { MomentRange } from '../../ui/moment-range';
import { PERIODS, type JobView, type Period } from './job-filter';
import classes from './job-filter-bar.module.css';

const TYPING_PAUSE_MS = 400;
const BETWEEN = 'between';
const WHEN = [
  { value: '', label: 'at any time' },
  ...Object.entries(PERIODS).map(([value, { label }]) => ({ value, label })),
  { value: BETWEEN, label: 'between two moments…' },
];

interface MoreFiltersProps {
  readonly view: JobView;
  readonly onChange: (view: JobView) => void;
}

/** What is asked for less often than state and name. */
export function MoreFilters({ view, onChange }: MoreFiltersProps) {
  const { data: runners } = useRunners(false);
  const [isBetween, setBetween] = useState(view.from !== '' || view.to !== '');
  const when = (value: string | null): void => {
    setBetween(value === BETWEEN);
    if (value !== BETWEEN) onChange({ ...view, since: (value ?? '') as Period | '', from: '', to: '' });
    else onChange({ ...view, since: '' });
  };
  return (
    <div className={classes.more} id="more-filters">
      <Typed value={view.runner} onSettle={(runner) => onChange({ ...view, runner })}>
        {(value, change) => (
          <Autocomplete
            label="Runner"
            placeholder="any"
            data={[...new Set(runners?.map(({ name }) => name))]}
            value={value}
            onChange={change}
            clearable
            clearButtonProps={{ 'aria-label': 'Any runner' }}
          />
        )}
      </Typed>
      <Typed value={view.module} onSettle={(module) => onChange({ ...view, module })}>
        {(value, change) => (
          <TextInput
            label="Module"
            placeholder="prod/network/vpc, or its id"
            value={value}
            onChange={(event) => change(event.currentTarget.value)}
          />
        )}
      </Typed>
      <Select
        label="Submitted"
        data={WHEN}
        value={isBetween ? BETWEEN : view.since}
        onChange={when}
        allowDeselect={false}
      />
      {isBetween && <MomentRange from={view.from} to={view.to} onChange={(bound) => onChange({ ...view, ...bound })} />}
    </div>
  );
}

interface TypedProps {
  readonly value: string;
  readonly onSettle: (value: string) => void;
  readonly children: (value: string, change: (value: string) => void) => React.ReactNode;
}

/** Text that counts once the typing pauses; back and forward in the browser change it too. */
function Typed({ value, onSettle, children }: TypedProps) {
  const [typed, setTyped] = useState(value);
  const settle = useDebouncedCallback(onSettle, TYPING_PAUSE_MS);
  useEffect(() => setTyped(value), [value]);
  return children(typed, (next) => {
    setTyped(next);
    settle(next.trim());
  });
}
