'use client';

import { isTerminal, type JobDetail } from '@dibs/shared';
import dynamic from 'next/dynamic';
import { useRouter, useSearchParams } from 'next/navigation';
import { Callout } from '../../ui/callout';
import { isHopeless } from '../explain/is-hopeless';
import { WhyWaiting } from '../explain/why-waiting';
import { FanOutCard } from '../fan-out/fan-out-card';
import { NoLog, READING_LOG } from '../job-log/no-log';
import { SeenBefore } from '../log-search/seen-before';
import { JobActions } from './job-actions';
import { JobAttempts } from './job-attempts';
import { JobFacts } from './job-facts';
import { JobSpecCard } from './job-spec-card';
import { JobStatePill } from './job-state-view';
import { JobSteps, stepsOf } from './job-steps';
import { JobTimeline } from './job-timeline';
import { isCanceling } from './is-canceling';
import { ReasonBanner } from './reason-banner';
import classes from './job-page.module.css';

// It measures the browser's window and knows no server.
const JobLog = dynamic(loadJobLog, {
  ssr: false,
  loading: () => <NoLog isBusy>{READING_LOG}</NoLog>,
});

/** Begins while the job itself is still being read. */
export function loadJobLog() {
  return import('../job-log/job-log').then((module) => module.JobLog);
}

interface JobViewProps {
  readonly job: JobDetail;
  /** Why what is shown could not be read again. */
  readonly readProblem: string | null;
}

export function JobView({ job, readProblem }: JobViewProps) {
  const router = useRouter();
  const shown = shownAttempt(job, useSearchParams().get('attempt'));
  const isOver = isTerminal(job.state) || shown < job.attempt;
  return (
    <div className={classes.page} data-fills-window>
      <header className={classes.header}>
        <h1 className={classes.name}>
          <bdi>{job.name}</bdi>
        </h1>
        <span role="status" data-testid="job-state">
          <JobStatePill state={job.state} isCanceling={isCanceling(job)} isHopeless={isHopeless(job)} size="md" />
        </span>
        <div className={classes.actions}>
          <JobActions job={job} />
        </div>
      </header>
      <JobFacts job={job} />
      {readProblem && (
        <Callout tone="warn" role="status">
          This page may be behind: {readProblem}
        </Callout>
      )}
      <ReasonBanner job={job} />
      <SeenBefore job={job} />
      {isWaiting(job) && shown > 0 && <WhyWaiting jobId={job.id} isBesideLog />}
      <div className={classes.columns}>
        <div className={classes.aside}>
          {job.children ? <FanOutCard jobId={job.id} roll={job.children} /> : <JobSteps job={job} shown={shown} />}
          {job.attempts.length > 1 && (
            <JobAttempts
              attempts={job.attempts}
              shown={shown}
              onShow={(attempt) => router.replace(`/jobs/${job.id}?attempt=${attempt}`, { scroll: false })}
            />
          )}
          <JobTimeline jobId={job.id} events={job.timeline} />
          <JobSpecCard spec={job.spec} secretNames={job.secretNames} />
        </div>
        <div className={classes.log} data-scrolls={shown > 0 || undefined}>
          {shown > 0 ? (
            <JobLog key={shown} jobId={job.id} attempt={shown} steps={logSteps(job, shown)} isOver={isOver} />
          ) : isWaiting(job) ? (
            <WhyWaiting jobId={job.id} />
          ) : (
            <NoLog>
              {isTerminal(job.state)
                ? 'No runner ever took this job, so it printed nothing.'
                : 'No runner has taken the job yet. Its log begins here the moment one does.'}
            </NoLog>
          )}
        </div>
      </div>
    </div>
  );
}

function logSteps(job: JobDetail, shown: number) {
  const attempt = job.attempts.find((one) => one.attempt === shown);
  const isPast = isTerminal(job.state) || (attempt !== undefined && attempt.outcome !== null);
  return stepsOf(job, shown).map(({ name, finishedAt }) => ({ name, isOver: isPast || finishedAt !== null }));
}

function isWaiting({ state }: JobDetail): boolean {
  return state === 'queued' || state === 'waiting';
}

/** The attempt in the address, else the current one, also when a new one begins. */
function shownAttempt(job: JobDetail, wanted: string | null): number {
  const attempt = Number(wanted);
  return job.attempts.some((known) => known.attempt === attempt) ? attempt : job.attempt;
}
