'use client';

import { ActionIcon, Button, SegmentedControl, Textarea } from '@mantine/core';
import { STEP_SHELLS } from '@dibs/shared';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { emptyStep } from './job-draft';
import type { DraftForm } from './submit-form';
import { NumberField, TextField } from './text-field';
import classes from './submit.module.css';

/** Shell scripts, one after the other. */
export function StepsEditor({ form }: { readonly form: DraftForm }) {
  const { steps } = form.values;
  return (
    <div className={classes.steps}>
      {steps.map((step, index) => (
        <fieldset key={step.id} className={classes.step} data-testid={`step-${index}`}>
          <legend className={classes.legend}>Step {index + 1}</legend>
          <div className={classes.stepActions}>
            <ActionIcon
              variant="subtle"
              color="gray"
              disabled={index === 0}
              onClick={() => form.reorderListItem('steps', { from: index, to: index - 1 })}
              aria-label={`Move step ${index + 1} up`}
            >
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              disabled={index === steps.length - 1}
              onClick={() => form.reorderListItem('steps', { from: index, to: index + 1 })}
              aria-label={`Move step ${index + 1} down`}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              disabled={steps.length === 1}
              onClick={() => form.removeListItem('steps', index)}
              aria-label={`Remove step ${index + 1}`}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </div>
          <Textarea
            label="Script"
            placeholder="npm test"
            autosize
            minRows={2}
            maxRows={18}
            spellCheck={false}
            classNames={{ input: classes.script }}
            {...form.getInputProps(`steps.${index}.run`)}
          />
          <div className={classes.row}>
            <TextField
              form={form}
              path={`steps.${index}.name`}
              label="Step name"
              placeholder="the script's first line"
            />
            <NumberField
              form={form}
              path={`steps.${index}.timeoutSeconds`}
              label="Step timeout, seconds"
              placeholder="the job's"
            />
            <div>
              <span className={classes.label} aria-hidden>
                Shell
              </span>
              <SegmentedControl
                fullWidth
                data={[...STEP_SHELLS]}
                aria-label={`Shell of step ${index + 1}`}
                {...form.getInputProps(`steps.${index}.shell`)}
              />
            </div>
          </div>
        </fieldset>
      ))}
      <Button
        variant="default"
        size="sm"
        className={classes.add}
        leftSection={<IconPlus size={14} />}
        onClick={() => form.insertListItem('steps', emptyStep())}
      >
        Add a step
      </Button>
    </div>
  );
}
