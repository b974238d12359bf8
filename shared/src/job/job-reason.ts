/**
 * Why a job is in the state it is in, as a stable code with the sentence shown to people.
 * Infrastructure failure, the job's own failure and cancellation stay distinguishable.
 */
export const JOB_REASONS = {
  completed: 'Every step ended with exit code 0.',
  step_failed: 'A step ended with an exit code other than 0.',
  step_signaled: 'A step was ended by a signal that Dibs did not send.',
  spawn_failed: 'A step could not be started on the runner.',
  workspace_failed: 'The workspace or its files could not be prepared.',
  source_failed: 'The source could not be fetched.',
  secrets_unreadable: 'The secrets of the job cannot be opened: the encryption key of the server was changed.',
  executor_unavailable: 'The runner does not offer the executor that the job asks for.',
  canceled: 'The job was canceled.',
  step_timeout: 'A step ran longer than its timeout.',
  job_timeout: 'The job ran longer than its timeout.',
  superseded: 'A newer job of the same concurrency group took its place.',
  lease_expired: 'The runner stopped renewing its lease.',
  lease_not_renewed: 'The runner was connected, but did not renew its lease of this job.',
  revoked: 'The runner was disabled or deleted, or its credentials were revoked, while it held the job.',
  runner_restarted: 'The runner process ended while the job ran.',
  runner_fenced: 'The runner lost contact for so long that it stopped the job itself.',
  drain_deadline: 'The runner was shut down before the job could finish.',
  queue_timeout: 'No runner took the job before its queue timeout.',
  fan_out: 'Its children, one for each matching instance, have not all ended yet.',
  fan_out_turn: 'It waits for its turn: its fan-out runs only so many children at a time.',
  child_failed: 'Not every child of the fan-out succeeded.',
  no_matching_instance: 'No known instance of any runner matched, so there was nothing to fan out to.',
  group_timeout: 'Its concurrency group had no room for the job before its queue timeout.',
  quota_timeout: 'The organization had no room for the job before its queue timeout.',
  no_matching_runner: 'No known runner could ever take this job: none fits what it asks for.',
  concurrency_group: 'The job waits until its concurrency group has room.',
  quota: 'The job waits until the organization runs fewer jobs.',
  retry_backoff: 'The job failed and waits to be tried again.',
} as const;
export type JobReason = keyof typeof JOB_REASONS;
