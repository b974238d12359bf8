'use client';

import { Select, TagsInput } from '@mantine/core';
import { Section } from './section';
import type { DraftForm } from './submit-form';
import { NumberField } from './text-field';
import classes from './submit.module.css';

const ON_LOST_CHOICES = [
  { value: 'requeue', label: 'any runner starts it again' },
  { value: 'wait', label: 'the same instance starts it again' },
  { value: 'fail', label: 'it fails' },
];

/** What follows when it fails, and when its runner is lost. */
export function TroubleFields({ form }: { readonly form: DraftForm }) {
  const { retry, onLost } = form.values;
  return (
    <Section title="When something goes wrong">
      <div className={classes.row}>
        <NumberField
          form={form}
          path="retry.maxAttempts"
          label="Tries if it fails"
          placeholder="1"
          description="The first included."
        />
        <TagsInput
          label="Only with exit code"
          description="None: whichever."
          placeholder={retry.onExitCodes.length === 0 ? '75' : undefined}
          acceptValueOnBlur
          {...form.getInputProps('retry.onExitCodes')}
        />
        <NumberField
          form={form}
          path="retry.backoffSeconds"
          label="Pause, seconds"
          placeholder="10"
          description="Doubles each time."
        />
      </div>
      <div className={classes.row}>
        <Select
          label="If its runner is lost"
          data={ON_LOST_CHOICES}
          allowDeselect={false}
          {...form.getInputProps('onLost')}
        />
        {onLost !== 'fail' && <NumberField form={form} path="maxAttempts" label="Starts in all" placeholder="3" />}
      </div>
    </Section>
  );
}
