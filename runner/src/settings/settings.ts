import type { Level } from 'pino';

/** What the runner runs on: checked, with defaults, frozen. Each part gets only its group. */
export interface RunnerSettings {
  readonly link: LinkSettings;
  readonly capacity: CapacitySettings;
  readonly workDir: string;
  readonly workspace: WorkspaceSettings;
  readonly gate: GateSettings;
  readonly logStream: LogStreamSettings;
  readonly logLevel: Level | 'silent';
  readonly drainTimeoutMs: number;
  /** Multiplies every period and timeout of the runner's own; never the timeouts that a job names. */
  readonly timeScale: number;
}

export interface LinkSettings {
  /** Without a slash at the end. */
  readonly serverUrl: string;
  readonly instance: string;
  readonly identity: IdentitySettings;
}

/** Either the credentials of the runner, or an API token to obtain them with. */
export type IdentitySettings =
  | { readonly kind: 'credentials'; readonly clientId: string; readonly clientSecret: string }
  | { readonly kind: 'apiToken'; readonly token: string; readonly runnerName: string };

export interface CapacitySettings {
  readonly slots: number;
  /** Every free slot is a standing claim: the server grants jobs without offering them first. */
  readonly standingClaims: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly extraTools: readonly string[];
  readonly minimumFreeBytes: number;
}

export interface WorkspaceSettings {
  /** Folder in which each attempt gets its own. */
  readonly root: string;
  /** 0: the whole history. */
  readonly cloneDepth: number;
  readonly allowFileUrls: boolean;
  readonly additionalBinaryPaths: readonly string[];
}

export interface GateSettings {
  /** Folder; null: hooks need no approval. */
  readonly preapprovedHooks: string | null;
  /** null: there is none. */
  readonly policyFile: string | null;
}

export interface LogStreamSettings {
  /** null: the server's. */
  readonly idlePeriodMs: number | null;
  /** null: the server's limit. */
  readonly maxBatchLines: number | null;
}
