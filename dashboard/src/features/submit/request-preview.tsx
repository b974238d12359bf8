'use client';

import { Paper } from '@mantine/core';
import { useLive } from '../../live/live-provider';
import { CodeBlock } from '../../ui/code-block';
import { bodyOf, curlOf, withoutSecrets } from './draft-body';
import type { JobDraft } from './job-draft';
import classes from './submit.module.css';

/** What a click on Submit sends, for those who want to send it from somewhere else. */
export function RequestPreview({ draft }: { readonly draft: JobDraft }) {
  const { serverUrl } = useLive();
  const body = bodyOf(draft);
  return (
    <>
      <Paper component="details" radius="lg" className={classes.card} open>
        <summary className={classes.cardTitle}>What is sent</summary>
        <div className={classes.cardBody}>
          <CodeBlock label="the body" code={JSON.stringify(withoutSecrets(body), null, 2)} maxHeight={320} />
        </div>
      </Paper>
      <Paper component="details" radius="lg" className={classes.card}>
        <summary className={classes.cardTitle}>The same with curl</summary>
        <div className={classes.cardBody}>
          <CodeBlock label="the command" code={curlOf(body, serverUrl ?? 'http://127.0.0.1:3000')} maxHeight={320} />
        </div>
      </Paper>
    </>
  );
}
