'use client';

import { Section } from './section';
import type { DraftForm } from './submit-form';
import { TextField } from './text-field';
import classes from './submit.module.css';

/** The part of the hierarchy that the job belongs to: runners that are assigned to parts of it take only such jobs. */
export function ScopeFields({ form }: { readonly form: DraftForm }) {
  return (
    <Section
      title="What it deploys"
      hint="Ids; nothing here: the job is of no stack. Runners may be assigned to parts of one."
    >
      <div className={classes.row}>
        <TextField form={form} path="scope.stackId" label="Stack" placeholder="none" />
        <TextField form={form} path="scope.namespaceId" label="Namespace" placeholder="none" />
        <TextField form={form} path="scope.moduleId" label="Module" placeholder="none" />
      </div>
    </Section>
  );
}
