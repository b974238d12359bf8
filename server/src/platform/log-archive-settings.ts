import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export interface FolderArchiveSettings {
  readonly kind: 'folder';
  readonly path: string;
}

export interface S3ArchiveSettings {
  readonly kind: 's3';
  readonly bucket: string;
  /** Before each name; '' or without slashes at its ends. */
  readonly prefix: string;
  /** null: the one of AWS for the region. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Where logs of finished jobs are copied to; null: nowhere. */
export type LogArchiveSettings = FolderArchiveSettings | S3ArchiveSettings | null;

const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w-][\w.-]*(?:\/[\w-][\w.-]*)*))?\/?$/;

function isEndpoint(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { pathname, search, hash, username } = new URL(text);
  return pathname === '/' && search + hash + username === '';
}

export const logArchiveVariables = {
  DIBS_LOG_ARCHIVE: z
    .string()
    .refine(
      (text) => S3_URL.test(text) || folderOf(text) !== null,
      'must be file:///absolute/folder, or s3://bucket or s3://bucket/prefix',
    )
    .optional(),
  DIBS_LOG_ARCHIVE_S3_ENDPOINT: z
    .string()
    .refine(isEndpoint, 'must be a URL without a path, such as https://s3.example or http://127.0.0.1:9000')
    .optional(),
  DIBS_LOG_ARCHIVE_S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,50}$/, 'must be the name of a region, such as eu-central-1')
    .optional(),
  DIBS_LOG_ARCHIVE_S3_ACCESS_KEY_ID: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
    .optional(),
  DIBS_LOG_ARCHIVE_S3_SECRET_ACCESS_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
    .optional(),
} as const;

type Variables = { readonly [Name in keyof typeof logArchiveVariables]?: string | undefined };

/** @param refuse is told what is wrong with which variable, and throws */
export function logArchiveSettings(env: Variables, refuse: (problem: string) => never): LogArchiveSettings {
  const [, bucket, prefix = ''] = S3_URL.exec(env.DIBS_LOG_ARCHIVE ?? '') ?? [];
  if (bucket === undefined) {
    const stray = S3_ONLY.find((name) => env[name] !== undefined);
    if (stray) refuse(`${stray}: must be set together with DIBS_LOG_ARCHIVE=s3://bucket`);
    return env.DIBS_LOG_ARCHIVE === undefined ? null : { kind: 'folder', path: folderOf(env.DIBS_LOG_ARCHIVE)! };
  }
  const need = (name: keyof Variables): string =>
    env[name] ?? refuse(`${name}: must be set together with DIBS_LOG_ARCHIVE=s3://bucket`);
  return {
    kind: 's3',
    bucket,
    prefix,
    endpoint: env.DIBS_LOG_ARCHIVE_S3_ENDPOINT ? new URL(env.DIBS_LOG_ARCHIVE_S3_ENDPOINT).origin : null,
    region: env.DIBS_LOG_ARCHIVE_S3_REGION ?? 'us-east-1',
    accessKeyId: need('DIBS_LOG_ARCHIVE_S3_ACCESS_KEY_ID'),
    secretAccessKey: need('DIBS_LOG_ARCHIVE_S3_SECRET_ACCESS_KEY'),
  };
}

const S3_ONLY = [
  'DIBS_LOG_ARCHIVE_S3_ENDPOINT',
  'DIBS_LOG_ARCHIVE_S3_REGION',
  'DIBS_LOG_ARCHIVE_S3_ACCESS_KEY_ID',
  'DIBS_LOG_ARCHIVE_S3_SECRET_ACCESS_KEY',
] as const;

function folderOf(text: string): string | null {
  if (!/^file:\/\/\/./.test(text)) return null;
  try {
    return fileURLToPath(text);
  } catch {
    return null;
  }
}
