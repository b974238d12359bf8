'use client';

import { Autocomplete, Select } from '@mantine/core';
import { useState } from 'react';
import { useRunners } from '../../api/runners';
import { MomentRange } from '../../ui/moment-range';
import { useSettledText } from '../../ui/use-settled-text';
import { PlaceField } from '../hierarchy/place-field';
import { PERIODS, type JobView, type Period } from './job-filter';
import classes from './job-filter-bar.module.css';

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
  const [runner, setRunner] = useSettledText(view.runner, (runner) => onChange({ ...view, runner }));
  const [isBetween, setBetween] = useState(view.from !== '' || view.to !== '');
  const when = (value: string | null): void => {
    setBetween(value === BETWEEN);
    if (value !== BETWEEN) onChange({ ...view, since: (value ?? '') as Period | '', from: '', to: '' });
    else onChange({ ...view, since: '' });
  };
  return (
    <div className={classes.more} id="more-filters">
      <Autocomplete
        label="Runner"
        placeholder="any"
        data={[...new Set(runners?.map(({ name }) => name))]}
        value={runner}
        onChange={setRunner}
        clearable
        clearButtonProps={{ 'aria-label': 'Any runner' }}
      />
      <PlaceField value={view.module} onChange={(module) => onChange({ ...view, module })} />
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
