'use client';

import { Button, Checkbox, Select, TextInput } from '@mantine/core';
import { MAX_NEEDLE_LENGTH } from '@dibs/shared';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState, type FormEvent } from 'react';
import { STATE_GROUPS, type StateGroup } from '../jobs/job-filter';
import { PERIODS, type Period, type SearchView } from './search-view';
import classes from './log-search.module.css';

const STATES = Object.entries(STATE_GROUPS).map(([value, { label }]) => ({
  value,
  label: value === 'all' ? 'Any state' : label,
}));
const TIMES = Object.entries(PERIODS).map(([value, { label }]) => ({ value, label }));

interface SearchFormProps {
  readonly view: SearchView;
  readonly isSearching: boolean;
  readonly onSearch: (view: SearchView) => void;
}

/** Nothing is searched while one types: it begins with Enter or the button, or when a filter is chosen. */
export function SearchForm({ view, isSearching, onSearch }: SearchFormProps) {
  const [typed, setTyped] = useState(view);
  // back and forward in the browser change the address without the fields
  useEffect(() => setTyped(view), [view]);
  const choose = (change: Partial<SearchView>): void => {
    const next = { ...typed, ...change };
    setTyped(next);
    if (view.q !== '') onSearch(trimmed(next));
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onSearch(trimmed(typed));
  };
  const field = (name: 'q' | 'job' | 'runner' | 'scope') => ({
    value: typed[name],
    onChange: (event: { currentTarget: { value: string } }) =>
      setTyped({ ...typed, [name]: event.currentTarget.value }),
  });
  return (
    <form role="search" className={classes.form} onSubmit={onSubmit}>
      <div className={classes.question}>
        <TextInput
          aria-label="Text to find"
          placeholder="Text to find in any log"
          size="md"
          maxLength={MAX_NEEDLE_LENGTH}
          autoFocus={view.q === ''}
          leftSection={<IconSearch size={18} stroke={1.7} />}
          classNames={{ input: classes.needle }}
          {...field('q')}
        />
        <Button type="submit" size="md" loading={isSearching} disabled={typed.q.trim() === ''}>
          Search
        </Button>
      </div>
      <div className={classes.filters}>
        <Select
          label="State"
          data={STATES}
          value={typed.group}
          onChange={(group) => choose({ group: (group ?? 'all') as StateGroup })}
          allowDeselect={false}
        />
        <Select
          label="Submitted in"
          data={TIMES}
          value={typed.period}
          onChange={(period) => choose({ period: (period ?? 'any') as Period })}
          allowDeselect={false}
        />
        <TextInput label="Job" placeholder="part of its name" {...field('job')} />
        <TextInput label="Runner" placeholder="its whole name" {...field('runner')} />
        <TextInput label="Scope" placeholder="id of a stack or module" {...field('scope')} />
        <Checkbox
          className={classes.case}
          label="Match case"
          checked={typed.isCaseSensitive}
          onChange={(event) => choose({ isCaseSensitive: event.currentTarget.checked })}
        />
      </div>
    </form>
  );
}

function trimmed(view: SearchView): SearchView {
  return { ...view, q: view.q.trim(), job: view.job.trim(), runner: view.runner.trim(), scope: view.scope.trim() };
}
