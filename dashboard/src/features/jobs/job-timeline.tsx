'use client';

import type { JobEventView } from '@dibs/shared';
import { Paper, Tooltip } from '@mantine/core';
import { formatMoment } from '../../ui/format-time';
import classes from './job-page.module.css';

interface JobTimelineProps {
  readonly jobId: string;
  readonly events: readonly JobEventView[];
}

export function JobTimeline({ jobId, events }: JobTimelineProps) {
  return (
    <Paper component="section" radius="lg" className={classes.card} aria-label="Timeline">
      <h2 className={classes.cardTitle}>Timeline</h2>
      <ol className={`${classes.rows} ${classes.timeline}`} aria-label="Events, oldest first">
        {events.map((event, index) => (
          <li key={index} className={classes.row}>
            <Tooltip label={formatMoment(event.at)}>
              <time dateTime={event.at} className={classes.rowTime}>
                {new Date(event.at).toLocaleTimeString(undefined, { hour12: false })}
              </time>
            </Tooltip>
            <span className={classes.rowText}>
              <bdi>{event.text}</bdi>
            </span>
          </li>
        ))}
      </ol>
      <p className={classes.cardFoot}>
        <a
          className="link"
          href={`/api/v1/jobs/${encodeURIComponent(jobId)}/timeline`}
          download={`job-${jobId}-timeline.json`}
        >
          Download as JSON
        </a>
      </p>
    </Paper>
  );
}
