'use client';

import type { JobSpec } from '@dibs/shared';
import { Paper } from '@mantine/core';
import { CodeBlock } from '../../ui/code-block';
import classes from './job-page.module.css';

interface JobSpecCardProps {
  readonly spec: JobSpec;
  readonly secretNames: readonly string[];
}

/** What was submitted, defaults filled in. Of secrets only the names exist here. */
export function JobSpecCard({ spec, secretNames }: JobSpecCardProps) {
  const shown = { ...spec, ...(secretNames.length > 0 && { secrets: secretNames }) };
  return (
    <Paper component="details" radius="lg" className={classes.card}>
      <summary className={classes.summary}>Specification</summary>
      <div className={classes.spec}>
        <CodeBlock code={JSON.stringify(shown, null, 2)} label="the specification" maxHeight={420} />
      </div>
    </Paper>
  );
}
