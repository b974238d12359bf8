'use client';

import { Autocomplete, Checkbox, SegmentedControl, TagsInput } from '@mantine/core';
import { useRunners } from '../../api/runners';
import { PairsEditor } from './pairs-editor';
import { Section } from './section';
import type { DraftForm } from './submit-form';
import { NumberField, TextField } from './text-field';
import classes from './submit.module.css';

/** Which runners may take it, and whether one of them does or all. */
export function PlacementFields({ form }: { readonly form: DraftForm }) {
  const { data: runners } = useRunners(false);
  const { fanOut } = form.values;
  return (
    <Section title="Who may run it" hint="Nothing here: any runner.">
      <TagsInput
        label="Tools"
        description="On the runner's PATH; behind an @ a range of versions."
        placeholder={form.values.requires.tools.length === 0 ? 'git, terraform@>=1.5' : undefined}
        acceptValueOnBlur
        {...form.getInputProps('requires.tools')}
      />
      <div>
        <span className={classes.label}>Labels</span>
        <PairsEditor form={form} path="requires.labels" title="Labels" what="label" />
      </div>
      <div>
        <span className={classes.label}>Preferred labels</span>
        <p className={classes.hint}>Of the runners that may run it, those with these go first.</p>
        <PairsEditor form={form} path="requires.prefers" title="Preferred labels" what="preferred label" />
      </div>
      <div className={classes.row}>
        <Autocomplete
          label="Runner"
          placeholder="any"
          data={[...new Set(runners?.map(({ name }) => name))]}
          {...form.getInputProps('runner')}
        />
        <TextField form={form} path="instance" label="Instance" placeholder="any" />
        <NumberField form={form} path="slots" label="Slots" placeholder="1" />
      </div>
      <Checkbox
        label="On every runner that matches"
        description="One child job for each matching instance (fan-out)."
        {...form.getInputProps('fanOut.wanted', { type: 'checkbox' })}
      />
      {fanOut.wanted && (
        <div className={classes.row}>
          <NumberField form={form} path="fanOut.batchSize" label="At a time" placeholder="all" />
          <div>
            <span className={classes.label} aria-hidden>
              Those that are offline
            </span>
            <SegmentedControl
              fullWidth
              data={[
                { value: 'skip', label: 'Leave out' },
                { value: 'wait', label: 'Wait for' },
              ]}
              aria-label="Those that are offline"
              {...form.getInputProps('fanOut.offline')}
            />
          </div>
        </div>
      )}
      {form.errors['fanOut'] && (
        <p className={classes.error} role="alert">
          {form.errors['fanOut']}
        </p>
      )}
    </Section>
  );
}
