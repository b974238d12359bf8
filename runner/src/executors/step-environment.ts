export interface StepEnvironmentInput {
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly jobId: string;
  readonly attempt: number;
  /** Zero-based. */
  readonly step: number;
  readonly runnerName: string;
  readonly instanceName: string;
  readonly tmpDir: string;
  /** Folders put before PATH (Engine.AdditionalBinaryPaths). */
  readonly extraPathDirs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Throws when a name or value cannot be in an environment. */
export function stepEnvironment(_input: StepEnvironmentInput): Record<string, string> {
  throw new Error('in work');
}
