'use client';

import { Select } from '@mantine/core';
import { Section } from './section';
import type { DraftForm } from './submit-form';
import { NumberField, TextField } from './text-field';
import classes from './submit.module.css';

const SUPERSEDE_CHOICES = [
  { value: 'none', label: 'wait their turn' },
  { value: 'waiting', label: 'are canceled unless they run' },
  { value: 'all', label: 'are canceled' },
];

/** When it goes, and how long it may take. */
export function LimitFields({ form }: { readonly form: DraftForm }) {
  return (
    <Section title="Order and limits">
      <div className={classes.row}>
        <NumberField form={form} path="priority" label="Priority" placeholder="0" />
        <NumberField form={form} path="timeoutSeconds" label="Timeout, seconds" placeholder="3600" />
        <NumberField
          form={form}
          path="queueTimeoutSeconds"
          label="Give up waiting after, seconds"
          placeholder="86400"
        />
      </div>
      <div className={classes.row}>
        <TextField
          form={form}
          path="concurrency.key"
          label="Concurrency group"
          placeholder="none"
          description="Of the jobs with the same word only so many run at a time."
        />
        {form.values.concurrency.key.trim() !== '' && (
          <>
            <NumberField form={form} path="concurrency.limit" label="At a time" placeholder="1" />
            <Select
              label="Older ones of the group"
              data={SUPERSEDE_CHOICES}
              allowDeselect={false}
              {...form.getInputProps('concurrency.supersede')}
            />
          </>
        )}
      </div>
    </Section>
  );
}
