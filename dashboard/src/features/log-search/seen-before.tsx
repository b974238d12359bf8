'use client';

import type { JobDetail } from '@dibs/shared';
import { Anchor } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import Link from 'next/link';
import { useFirstError } from '../../api/log-search';
import { Ago } from '../../ui/times';
import { visibleText } from '../../ui/visible-text';
import { lineHref } from './found-job';
import classes from './log-search.module.css';

/** One quiet line on the page of a job that failed: the line that tells why, and how many others failed alike. */
export function SeenBefore({ job }: { readonly job: Pick<JobDetail, 'id' | 'state'> }) {
  return job.state === 'failed' || job.state === 'timed_out' ? <FirstErrorLine jobId={job.id} /> : null;
}

function FirstErrorLine({ jobId }: { readonly jobId: string }) {
  const { error, others } = useFirstError(jobId).data ?? {};
  if (!error || !others) return null;
  return (
    <div className={classes.seen} data-testid="seen-before">
      <IconHistory size={16} stroke={1.7} aria-hidden />
      {/* not a Link: the log on this page listens to the hash alone */}
      <a className={classes.error} href={lineHref(jobId, error.attempt, error.seq)}>
        {visibleText(error.text)}
      </a>
      {others.jobs === 0 ? (
        <span className={classes.others}>not seen before</span>
      ) : (
        <span className={classes.others}>
          <Anchor component={Link} href={`/logs/errors/${error.fingerprint}`} inherit c="inherit" underline="always">
            seen in {others.jobs.toLocaleString()}
            {others.isMore && '+'} other {others.jobs === 1 ? 'job' : 'jobs'}
          </Anchor>
          {others.lastAt !== null && (
            <>
              , last <Ago at={others.lastAt} />
            </>
          )}
        </span>
      )}
    </div>
  );
}
