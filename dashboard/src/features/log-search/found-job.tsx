import type { FoundJob as FoundJobView, JobOfLine } from '@dibs/shared';
import Link from 'next/link';
import { Ago } from '../../ui/times';
import { JobStatePill } from '../jobs/job-state-view';
import { piecesOf } from './found-text';
import classes from './log-search.module.css';

interface FoundJobProps {
  readonly found: FoundJobView;
  readonly needle: string;
  readonly isCaseSensitive: boolean;
}

/** The lines of one job; each leads to its place in the log. */
export function FoundJob({ found: { job, lines, mayHaveMore }, needle, isCaseSensitive }: FoundJobProps) {
  return (
    <article className={classes.job} aria-label={job.name} data-job={job.id}>
      <JobLine job={job} />
      <ol className={classes.lines}>
        {lines.map(({ attempt, stepName, line }) => (
          <li key={`${attempt} ${line.seq}`}>
            <Link
              className={classes.line}
              href={lineHref(job.id, attempt, line.seq)}
              data-stream={line.stream}
              title={`Line ${line.seq} of attempt ${attempt}`}
            >
              <span className={classes.place}>
                <bdi className={classes.step}>{stepName ?? 'preparation'}</bdi>
                <span className={classes.number}>{line.seq}</span>
              </span>
              <span className={classes.text}>
                {piecesOf(line.text, needle, isCaseSensitive).map(({ text, isMatch }, index) =>
                  isMatch ? <mark key={index}>{text}</mark> : <span key={index}>{text}</span>,
                )}
              </span>
            </Link>
          </li>
        ))}
      </ol>
      {mayHaveMore && (
        <Link className={classes.more} href={`/jobs/${job.id}?attempt=${lines[0]?.attempt ?? 1}`}>
          Maybe more in this log
        </Link>
      )}
    </article>
  );
}

export function JobLine({ job }: { readonly job: JobOfLine }) {
  return (
    <header className={classes.head}>
      <Link className={classes.name} href={`/jobs/${job.id}`}>
        <bdi>{job.name}</bdi>
      </Link>
      <JobStatePill state={job.state} />
      <span className={classes.facts}>
        {job.runner !== null && <bdi>{job.runner}</bdi>}
        <Ago at={job.createdAt} />
      </span>
    </header>
  );
}

export function lineHref(jobId: string, attempt: number, seq: number): string {
  return `/jobs/${jobId}?attempt=${attempt}#L${seq}`;
}
