import { z } from 'zod';
import { logArchiveSettings, logArchiveVariables, type LogArchiveSettings } from './log-archive-settings.js';
import { StartupError } from './startup-error.js';
import { isEmailAddress } from './validation-rules.js';

/** A bad or missing setting: the message is one line that names the variable and says what is allowed. */
export class SettingsError extends StartupError {}

export interface HttpSettings {
  readonly port: number;
  readonly host: string;
  /** How callers reach this server, for links and the Secure flag of cookies; null: as it listens. */
  readonly publicUrl: string | null;
  /** Number of proxies in front whose X-Forwarded-For is believed; 0: forwarded headers mean nothing. */
  readonly trustedProxies: number;
}

export interface DatabaseSettings {
  /** null: the embedded PostgreSQL in `dataDir`. */
  readonly url: string | null;
  readonly dataDir: string;
  readonly poolSize: number;
  /** A start waits so long for a database that cannot be reached yet. */
  readonly waitMs: number;
}

export interface DashboardSettings {
  /** Browser origins allowed besides the server's own. */
  readonly origins: readonly string[];
}

export interface BootstrapSettings {
  readonly client: { readonly id: string; readonly secret: string } | null;
  readonly admin: { readonly email: string; readonly password: string } | null;
}

export interface EncryptionSettings {
  /** null: generated into the data folder, which only the embedded database allows. */
  readonly key: string | null;
  /** They open what was sealed with them, and nothing is sealed with them any more. */
  readonly previousKeys: readonly string[];
}

/** All in milliseconds, TIME_SCALE already applied. */
export interface TimingSettings {
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  readonly trustMs: number;
  readonly offlineAfterMs: number;
  readonly sweepEveryMs: number;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly logPeriodWatchedMs: number;
  readonly logPeriodIdleMs: number;
  /** How long a principal may be remembered before the database is asked again whether it still counts. */
  readonly principalRecheckMs: number;
  /** Failed sign-ins are counted over, and locked out for, this long. */
  readonly lockoutMs: number;
  /** TIME_SCALE itself, for pauses whose length a job brings along. */
  readonly timeScale: number;
}

export interface BusSettings {
  /** Carries hints between servers; null: PostgreSQL does. */
  readonly redisUrl: string | null;
}

export interface RetentionSettings {
  /** An instance that was gone for so many days is forgotten; 0: never. */
  readonly instanceDays: number;
}

export interface LogSettings {
  /** Of one attempt, of which the beginning and the end are kept. */
  readonly limitMib: number;
  /** So many days of logs share a table. */
  readonly partitionDays: number;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export interface LoggingSettings {
  readonly level: (typeof LOG_LEVELS)[number];
}

export interface Settings {
  readonly http: HttpSettings;
  readonly database: DatabaseSettings;
  readonly dashboard: DashboardSettings;
  readonly bootstrap: BootstrapSettings;
  readonly encryption: EncryptionSettings;
  readonly timing: TimingSettings;
  readonly logging: LoggingSettings;
  readonly bus: BusSettings;
  readonly retention: RetentionSettings;
  readonly logs: LogSettings;
  readonly logArchive: LogArchiveSettings;
}

/** Each part of the server is given its own group only. */
export const HTTP_SETTINGS = Symbol('HttpSettings');
export const DATABASE_SETTINGS = Symbol('DatabaseSettings');
export const DASHBOARD_SETTINGS = Symbol('DashboardSettings');
export const BOOTSTRAP_SETTINGS = Symbol('BootstrapSettings');
export const TIMING_SETTINGS = Symbol('TimingSettings');
export const LOGGING_SETTINGS = Symbol('LoggingSettings');
export const RETENTION_SETTINGS = Symbol('RetentionSettings');
export const LOG_SETTINGS = Symbol('LogSettings');

/** @throws SettingsError */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const env = parse(environment);
  return deepFreeze({
    http: {
      port: env.PORT,
      host: env.HOST,
      publicUrl: env.DIBS_PUBLIC_URL ?? null,
      trustedProxies: env.DIBS_TRUSTED_PROXIES,
    },
    database: {
      url: env.DATABASE_URL ?? null,
      dataDir: env.DIBS_DATA_DIR,
      poolSize: env.DIBS_DATABASE_POOL_SIZE,
      waitMs: env.DIBS_DATABASE_WAIT_SECONDS * 1_000,
    },
    dashboard: { origins: env.DASHBOARD_ORIGIN },
    bootstrap: {
      client: pair(
        ['DIBS_BOOTSTRAP_CLIENT_ID', env.DIBS_BOOTSTRAP_CLIENT_ID],
        ['DIBS_BOOTSTRAP_CLIENT_SECRET', env.DIBS_BOOTSTRAP_CLIENT_SECRET],
        (id, secret) => ({ id, secret }),
      ),
      admin: pair(
        ['DIBS_ADMIN_EMAIL', env.DIBS_ADMIN_EMAIL],
        ['DIBS_ADMIN_PASSWORD', env.DIBS_ADMIN_PASSWORD],
        (email, password) => ({ email, password }),
      ),
    },
    encryption: { key: encryptionKey(env), previousKeys: env.DIBS_PREVIOUS_ENCRYPTION_KEYS },
    timing: timing(env.TIME_SCALE),
    logging: { level: env.LOG_LEVEL },
    bus: { redisUrl: env.REDIS_URL ?? null },
    retention: { instanceDays: env.DIBS_INSTANCE_RETENTION_DAYS },
    logs: { limitMib: env.DIBS_LOG_LIMIT_MIB, partitionDays: env.DIBS_LOG_PARTITION_DAYS },
    logArchive: logArchiveSettings(env, (problem) => {
      throw new SettingsError(problem);
    }),
  });
}

function timing(scale: number): TimingSettings {
  const scaled = (ms: number): number => Math.max(1, Math.round(ms * scale));
  return {
    leaseMs: scaled(60_000),
    renewEveryMs: scaled(10_000),
    trustMs: scaled(45_000),
    offlineAfterMs: scaled(30_000),
    sweepEveryMs: scaled(5_000),
    pingIntervalMs: scaled(10_000),
    pingTimeoutMs: scaled(10_000),
    logPeriodWatchedMs: scaled(50),
    logPeriodIdleMs: scaled(1_000),
    principalRecheckMs: scaled(10_000),
    lockoutMs: scaled(60_000),
    timeScale: scale,
  };
}

/** Digits only: what JavaScript takes for a number as well (`0x10`, `1e3`, a space) is more likely a slip. */
function wholeNumber(from: number, to: number) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= from && Number(text) <= to,
      `must be a whole number from ${from} to ${to}`,
    )
    .transform(Number);
}

const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'must be an origin such as https://ci.example',
  );

const environmentSchema = z.object({
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  DIBS_PUBLIC_URL: origin.optional(),
  DIBS_TRUSTED_PROXIES: wholeNumber(0, 10).default(0),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres:// or postgresql://')
    .refine((text) => URL.canParse(text), 'must be a connection URL')
    .optional(),
  DIBS_DATA_DIR: z.string().default('.dibs'),
  DIBS_DATABASE_POOL_SIZE: wholeNumber(4, 200).default(20),
  DIBS_DATABASE_WAIT_SECONDS: wholeNumber(0, 3600).default(60),
  DIBS_INSTANCE_RETENTION_DAYS: wholeNumber(0, 3650).default(30),
  DIBS_LOG_LIMIT_MIB: wholeNumber(1, 10_240).default(64),
  DIBS_LOG_PARTITION_DAYS: wholeNumber(1, 31).default(7),
  ...logArchiveVariables,
  DASHBOARD_ORIGIN: z
    .string()
    .default('')
    .transform((list) => list.split(',').map((item) => item.trim().replace(/\/$/, '')))
    .transform((list) => list.filter((item) => item !== ''))
    .pipe(z.array(origin)),
  DIBS_BOOTSTRAP_CLIENT_ID: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
    .optional(),
  DIBS_BOOTSTRAP_CLIENT_SECRET: z
    .string()
    .min(24, 'must have at least 24 characters')
    .max(1_000, 'must have at most 1000 characters')
    .optional(),
  DIBS_ADMIN_EMAIL: z
    .string()
    .refine(isEmailAddress, 'must be an e-mail address such as admin@localhost, at most 254 characters')
    .optional(),
  DIBS_ADMIN_PASSWORD: z
    .string()
    .min(8, 'must have at least 8 characters')
    .max(1_000, 'must have at most 1000 characters')
    .optional(),
  DIBS_ENCRYPTION_KEY: z
    .string()
    .min(32, 'must have at least 32 characters, as from: openssl rand -base64 32')
    .optional(),
  DIBS_PREVIOUS_ENCRYPTION_KEYS: z
    .string()
    .default('')
    .transform((list) => list.split(',').map((item) => item.trim()))
    .transform((list) => list.filter((item) => item !== ''))
    .refine((list) => list.every((key) => key.length >= 32), 'must be keys of at least 32 characters, comma-separated'),
  TIME_SCALE: z
    .string()
    .transform(Number)
    .refine((scale) => scale > 0 && scale <= 100, 'must be a number above 0, at most 100')
    .default(1),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must start with redis:// or rediss://')
    .optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});
type Environment = z.infer<typeof environmentSchema>;

function parse(environment: Readonly<Record<string, string | undefined>>): Environment {
  // an empty variable is what compose files and shells make of one that is not set
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(present);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  // the value is not repeated: it may be a secret
  throw new SettingsError(`${String(issue?.path[0])}: ${issue?.message}`);
}

/** Two variables that make sense only together. */
function pair<T>(
  [firstName, first]: readonly [string, string | undefined],
  [secondName, second]: readonly [string, string | undefined],
  join: (first: string, second: string) => T,
): T | null {
  if (first !== undefined && second !== undefined) return join(first, second);
  if (first !== undefined) throw new SettingsError(`${secondName}: must be set together with ${firstName}`);
  if (second !== undefined) throw new SettingsError(`${firstName}: must be set together with ${secondName}`);
  return null;
}

function encryptionKey(env: Environment): string | null {
  if (env.DATABASE_URL !== undefined && env.DIBS_ENCRYPTION_KEY === undefined) {
    throw new SettingsError('DIBS_ENCRYPTION_KEY: must be set together with DATABASE_URL, the same on every server');
  }
  return env.DIBS_ENCRYPTION_KEY ?? null;
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value))
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner as object);
  return Object.freeze(value);
}
