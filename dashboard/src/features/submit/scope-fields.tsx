'use client';

import { ScopePicker } from '../hierarchy/scope-picker';
import { Section } from './section';
import type { DraftForm } from './submit-form';

/** The part of the hierarchy that the job belongs to: runners that are assigned to parts of it take only such jobs. */
export function ScopeFields({ form }: { readonly form: DraftForm }) {
  const errorAt = (field: string): string | undefined => {
    const error = form.errors[`scope.${field}`];
    return typeof error === 'string' ? error : undefined;
  };
  return (
    <Section
      title="What it deploys"
      hint="Nothing here: the job is of no stack. Runners may be assigned to parts of one."
    >
      <ScopePicker
        value={form.values.scope}
        onChange={(scope) => form.setFieldValue('scope', { ...scope })}
        errors={{
          stackId: errorAt('stackId'),
          namespaceId: errorAt('namespaceId'),
          moduleId: errorAt('moduleId'),
        }}
      />
    </Section>
  );
}
