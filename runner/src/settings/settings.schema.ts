import { z } from 'zod';

/** An absent group is checked like an empty one, so that the error names the missing setting and not its group. */
const ABSENT = {} as { ServerUrl: string };

/**
 * The shape of `runner.json`. Every setting can also come from the environment (environment.ts), which wins.
 * Messages say what is allowed, because they become the one line that stops the start.
 */
export const SETTINGS_SCHEMA = z.strictObject({
  $schema: z.string().optional(),
  Runner: z
    .strictObject({
      ServerUrl: z
        .url({ protocol: /^https?$/, error: 'must be the http or https URL of the Dibs server' })
        .describe('URL of the Dibs server.'),
      ClientId: text().optional().describe('Client id of the runner. Needs ClientSecret; not together with Token.'),
      ClientSecret: text().optional().describe('Client secret of the runner.'),
      Token: text().optional().describe('API token with which the runner registers itself. Needs Name.'),
      Name: text(120).optional().describe('Name of the runner record; only needed together with Token.'),
      Instance: z
        .string({ error: instanceRule() })
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/, { error: instanceRule() })
        .optional()
        .describe('Name of this process among those of the runner. Default: the host name.'),
      MaxConcurrentJobs: wholeNumber(1, 1000).default(1).describe('Jobs that run at the same time.'),
      StandingClaims: z
        .boolean({ error: 'must be true or false' })
        .default(true)
        .describe('Free slots are claims made ahead: jobs are granted at once, without an offer that must be claimed.'),
      CloneDepth: wholeNumber(0, 1_000_000)
        .default(1)
        .describe('Commits of history that a git source fetches when the job does not say; 0: all.'),
      Labels: z
        .record(z.string(), z.string(), { error: 'must map label names to values' })
        .default({})
        .describe('Labels that jobs can ask for.'),
      Tools: z
        .array(
          z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/, { error: 'must be names of programs, without a path' }),
          {
            error: 'must be a list of names of programs',
          },
        )
        .default([])
        .describe('More programs to look for on PATH and to announce, besides those the runner knows.'),
      AllowFileUrls: z
        .boolean({ error: 'must be true or false' })
        .default(false)
        .describe('Accept file: URLs and paths as git sources. Jobs can then read repositories of this host.'),
      DrainTimeoutSeconds: wholeNumber(0, 7 * 24 * 3600)
        .default(3600)
        .describe('How long running jobs may go on after SIGTERM.'),
      MinimumFreeDiskMebibytes: wholeNumber(0, 100_000_000)
        .default(256)
        .describe('With less free space below the working directory the runner claims nothing; 0: never mind.'),
      PolicyFile: text()
        .optional()
        .describe('File with what this runner allows, whatever the server says (docs/hooks-and-policy.md).'),
    })
    .prefault(ABSENT),
  HooksPreapproval: z
    .strictObject({
      Enabled: z
        .boolean({ error: 'must be true or false' })
        .optional()
        .describe('Run only hooks that are among the files of the directory. Default: whether a directory is set.'),
      PreapprovedHooksDirectory: text()
        .optional()
        .describe('Folder with the hooks that may be run, each as a file with the same bytes.'),
    })
    .prefault({}),
  Engine: z
    .strictObject({
      AdditionalBinaryPaths: z
        .array(text(), { error: 'must be a list of folders' })
        .default([])
        .describe('Folders searched for programs before those of PATH.'),
    })
    .prefault({}),
  WorkingDirectory: z
    .strictObject({
      WorkingDirectory: text()
        .default('.dibs/runner')
        .describe('Folder for workspaces, log spool, journal and results. Keep it over restarts.'),
      TempDirectory: text().optional().describe('Folder for the workspaces instead of one below WorkingDirectory.'),
    })
    .prefault({}),
  JobLogStream: z
    .strictObject({
      PeriodSeconds: z
        .number({ error: periodRule() })
        .min(0.01, { error: periodRule() })
        .max(60, { error: periodRule() })
        .optional()
        .describe('Longest wait before log lines are sent while nobody watches. Default: what the server asks for.'),
      BatchSizeLimit: wholeNumber(1, 100_000)
        .optional()
        .describe('Most log lines in one message. Default, and upper bound: what the server allows.'),
    })
    .prefault({}),
  Logging: z
    .strictObject({
      LogLevel: z
        .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
          error: 'must be one of trace, debug, info, warn, error, fatal, silent',
        })
        .default('info')
        .describe("Detail of the runner's own diagnostics on standard output."),
    })
    .prefault({}),
});

export type RawSettings = z.output<typeof SETTINGS_SCHEMA>;

function text(maxLength = 4096) {
  const error = `must be a text of 1 to ${maxLength} characters`;
  return z.string({ error }).min(1, { error }).max(maxLength, { error });
}

function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

function instanceRule(): string {
  return 'must be 1 to 120 letters, digits, dots, dashes or underscores, a letter or digit first';
}

function periodRule(): string {
  return 'must be a number from 0.01 to 60';
}
