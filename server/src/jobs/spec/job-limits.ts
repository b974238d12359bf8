/** How large a submitted job may be. Generous for people, small enough that no job can hurt the server or a runner. */
export const JOB_LIMITS = {
  nameLength: 200,
  steps: 100,
  runBytes: 64 * 1024,
  environmentEntries: 200,
  /** One value; Linux itself takes at most 128 KiB for one `NAME=value`. */
  environmentValueBytes: 32 * 1024,
  /** All names and values of `env`, and likewise of `secrets`; Linux takes about 2 MiB for one process. */
  environmentBytes: 256 * 1024,
  /** Shorter secrets cannot be masked without destroying the log. */
  minSecretLength: 4,
  files: 100,
  filesBytes: 512 * 1024,
  tools: 50,
  toolNameLength: 64,
  labels: 50,
  labelKeyLength: 128,
  labelValueLength: 256,
  runnerNameLength: 100,
  instanceNameLength: 253,
  priority: 1000,
  /** One week. */
  timeoutSeconds: 7 * 24 * 3600,
  /** Thirty days. */
  queueTimeoutSeconds: 30 * 24 * 3600,
  maxAttempts: 20,
  retryExitCodes: 50,
  /** One hour, which is also how long a doubled pause may become. */
  backoffSeconds: 3600,
  concurrencyKeyLength: 200,
  concurrencyLimit: 1000,
  slots: 64,
  fanOutBatch: 1000,
  gitDepth: 1_000_000,
  /** The whole spec as JSON: it travels to the runner in one message. */
  specBytes: 1024 * 1024,
  bulkJobs: 1000,
} as const;
