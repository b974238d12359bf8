'use client';

import { Button, Text } from '@mantine/core';
import { IconSearchOff, IconTerminal2 } from '@tabler/icons-react';
import { useLive } from '../../live/live-provider';
import { CodeBlock } from '../../ui/code-block';
import { Notice } from '../../ui/notice';
import { SubmitLink } from '../submit/submit-link';

interface NoJobsProps {
  readonly isFiltered: boolean;
  readonly onClearFilter: () => void;
}

export function NoJobs({ isFiltered, onClearFilter }: NoJobsProps) {
  const { serverUrl } = useLive();
  if (isFiltered) {
    return (
      <Notice
        icon={<IconSearchOff size={22} />}
        title="No job matches"
        actions={
          <Button variant="default" onClick={onClearFilter}>
            Show all jobs
          </Button>
        }
      >
        Nothing fits all of the filters. Try another state, a longer time or another part of the name.
      </Notice>
    );
  }
  return (
    <Notice icon={<IconTerminal2 size={22} />} title="Submit the first job" actions={<SubmitLink />}>
      <Text c="dimmed">
        From here, or with an API token or an access token in <code>DIBS_TOKEN</code>. The job appears here by itself.
      </Text>
      <CodeBlock label="the command that submits a job" code={submitCommand(serverUrl ?? 'http://127.0.0.1:3000')} />
    </Notice>
  );
}

function submitCommand(serverUrl: string): string {
  return [
    `curl ${serverUrl}/api/v1/jobs \\`,
    `  -H "Authorization: Bearer $DIBS_TOKEN" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '{"name":"hello","steps":[{"run":"echo hello from $DIBS_RUNNER"}]}'`,
  ].join('\n');
}
