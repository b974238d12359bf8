import { describe, expect, test } from '@jest/globals';
import { readSettings, SettingsError } from './settings.js';

const KEY = 'k'.repeat(32);
const S3 = { DIBS_LOG_ARCHIVE_S3_ACCESS_KEY_ID: 'key', DIBS_LOG_ARCHIVE_S3_SECRET_ACCESS_KEY: 'secret' };

describe('readSettings', () => {
  test('an empty environment is enough', () => {
    const settings = readSettings({});
    expect(settings.http).toMatchObject({ port: 3000, host: '127.0.0.1', publicUrl: null, trustedProxies: 0 });
    expect(settings.database).toMatchObject({ url: null, dataDir: '.dibs' });
    expect(settings.bootstrap).toEqual({ client: null, admin: null });
    expect(settings.timing).toMatchObject({
      leaseMs: 60_000,
      renewEveryMs: 10_000,
      trustMs: 45_000,
      sweepEveryMs: 5_000,
    });
  });

  test('an empty variable counts as one that is not set', () => {
    expect(readSettings({ PORT: '', DATABASE_URL: '', DIBS_ENCRYPTION_KEY: '' }).http.port).toBe(3000);
  });

  test('TIME_SCALE shortens every time', () => {
    const { timeScale: noScale, ...whole } = readSettings({}).timing;
    const { timeScale, ...scaled } = readSettings({ TIME_SCALE: '0.05' }).timing;
    expect([noScale, timeScale]).toEqual([1, 0.05]);
    const inTime = Object.values(whole).map((ms: number) => Math.max(1, Math.round(ms * 0.05)));
    expect(Object.values(scaled)).toEqual(inTime);
  });

  test('groups cannot be changed', () => {
    const settings = readSettings({ DASHBOARD_ORIGIN: 'http://a.example, https://b.example:8443/' });
    expect(settings.dashboard.origins).toEqual(['http://a.example', 'https://b.example:8443']);
    expect(() => ((settings.http as { port: number }).port = 1)).toThrow(TypeError);
    expect(() => (settings.dashboard.origins as string[]).push('x')).toThrow(TypeError);
  });

  test.each([
    [{ PORT: '70000' }, /^PORT: /],
    [{ PORT: 'http' }, /^PORT: must be a whole number from 0 to 65535$/],
    [{ PORT: '0x10' }, /^PORT: must be a whole number from 0 to 65535$/],
    [{ PORT: '1.5' }, /^PORT: must be a whole number from 0 to 65535$/],
    [{ DIBS_DATABASE_POOL_SIZE: '3' }, /^DIBS_DATABASE_POOL_SIZE: must be a whole number from 4 to 200$/],
    [{ DIBS_DATABASE_WAIT_SECONDS: '1m' }, /^DIBS_DATABASE_WAIT_SECONDS: must be a whole number from 0 to 3600$/],
    [{ DIBS_INSTANCE_RETENTION_DAYS: '-1' }, /^DIBS_INSTANCE_RETENTION_DAYS: must be a whole number from 0 to 3650$/],
    [{ DIBS_LOG_LIMIT_MIB: '0' }, /^DIBS_LOG_LIMIT_MIB: must be a whole number from 1 to 10240$/],
    [{ TIME_SCALE: 'fast' }, /^TIME_SCALE: must be a number above 0, at most 100$/],
    [{ TIME_SCALE: '0' }, /^TIME_SCALE: /],
    [{ TIME_SCALE: '-1' }, /^TIME_SCALE: /],
    [{ DATABASE_URL: 'mysql://x', DIBS_ENCRYPTION_KEY: KEY }, /^DATABASE_URL: must start with postgres/],
    [{ DATABASE_URL: 'postgres://x/y' }, /^DIBS_ENCRYPTION_KEY: must be set together with DATABASE_URL/],
    [{ DIBS_ENCRYPTION_KEY: 'short' }, /^DIBS_ENCRYPTION_KEY: must have at least 32 characters/],
    [{ DIBS_PREVIOUS_ENCRYPTION_KEYS: `${KEY},short` }, /^DIBS_PREVIOUS_ENCRYPTION_KEYS: must be keys of at least 32/],
    [{ DIBS_BOOTSTRAP_CLIENT_ID: 'a' }, /^DIBS_BOOTSTRAP_CLIENT_SECRET: must be set together/],
    [{ DIBS_BOOTSTRAP_CLIENT_SECRET: 's'.repeat(24) }, /^DIBS_BOOTSTRAP_CLIENT_ID: must be set together/],
    [{ DIBS_BOOTSTRAP_CLIENT_ID: 'a', DIBS_BOOTSTRAP_CLIENT_SECRET: 's'.repeat(23) }, /at least 24 characters/],
    [{ DIBS_ADMIN_EMAIL: 'nobody', DIBS_ADMIN_PASSWORD: 'long enough' }, /^DIBS_ADMIN_EMAIL: must be an e-mail/],
    [{ DASHBOARD_ORIGIN: 'b.example' }, /^DASHBOARD_ORIGIN: must be an origin/],
    [{ DASHBOARD_ORIGIN: 'https://b.example/path' }, /^DASHBOARD_ORIGIN: must be an origin/],
    [{ REDIS_URL: 'localhost:6379' }, /^REDIS_URL: must start with redis:/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL: must be one of fatal, error, warn/],
    [{ DIBS_LOG_ARCHIVE: '/var/lib/dibs' }, /^DIBS_LOG_ARCHIVE: must be file:\/\/\/absolute\/folder, or s3:/],
    [{ DIBS_LOG_ARCHIVE: 'file://host/folder' }, /^DIBS_LOG_ARCHIVE: must be file:/],
    [{ DIBS_LOG_ARCHIVE: 's3://Bucket' }, /^DIBS_LOG_ARCHIVE: must be file:/],
    [{ DIBS_LOG_ARCHIVE: 's3://bucket/../other' }, /^DIBS_LOG_ARCHIVE: must be file:/],
    [
      { DIBS_LOG_ARCHIVE: 's3://bucket' },
      /^DIBS_LOG_ARCHIVE_S3_ACCESS_KEY_ID: must be set together with DIBS_LOG_ARCHIVE=s3/,
    ],
    [
      { DIBS_LOG_ARCHIVE: 's3://bucket', ...S3, DIBS_LOG_ARCHIVE_S3_ENDPOINT: 's3.example' },
      /_ENDPOINT: must be a URL/,
    ],
    [
      { DIBS_LOG_ARCHIVE: 's3://bucket', ...S3, DIBS_LOG_ARCHIVE_S3_ENDPOINT: 'https://a/b' },
      /_ENDPOINT: must be a URL/,
    ],
    [{ DIBS_LOG_ARCHIVE: 'file:///srv/logs', ...S3 }, /^DIBS_LOG_ARCHIVE_S3_ACCESS_KEY_ID: must be set together with/],
  ])('refuses %j with one line that names the variable', (environment, message) => {
    const read = (): unknown => readSettings(environment);
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/\n/);
  });

  test('logs are archived in a folder, a bucket, or not', () => {
    expect(readSettings({}).logArchive).toBeNull();
    expect(readSettings({ DIBS_LOG_ARCHIVE: 'file:///srv/my%20logs' }).logArchive).toEqual({
      kind: 'folder',
      path: '/srv/my logs',
    });
    const keys = { accessKeyId: 'key', secretAccessKey: 'secret' };
    expect(readSettings({ DIBS_LOG_ARCHIVE: 's3://ci-logs/dibs/prod/', ...S3 }).logArchive).toEqual({
      ...{ kind: 's3', bucket: 'ci-logs', prefix: 'dibs/prod', endpoint: null, region: 'us-east-1' },
      ...keys,
    });
    const elsewhere = {
      DIBS_LOG_ARCHIVE_S3_ENDPOINT: 'http://127.0.0.1:9000/',
      DIBS_LOG_ARCHIVE_S3_REGION: 'eu-central-1',
    };
    expect(readSettings({ DIBS_LOG_ARCHIVE: 's3://ci-logs', ...S3, ...elsewhere }).logArchive).toMatchObject({
      ...{ prefix: '', endpoint: 'http://127.0.0.1:9000', region: 'eu-central-1' },
    });
  });

  test.each(['admin@localhost', 'admin@dibs.local', 'jo.ann+x@mail.example.com'])(
    'the administrator may be %s',
    (email) => {
      const settings = readSettings({ DIBS_ADMIN_EMAIL: email, DIBS_ADMIN_PASSWORD: 'long enough' });
      expect(settings.bootstrap.admin?.email).toBe(email);
    },
  );

  test.each(['@localhost', 'a@', 'a b@c', 'a@b..c', 'a@b@c', 'a@-b', `a@${'b'.repeat(260)}`])('but not %s', (email) => {
    expect(() => readSettings({ DIBS_ADMIN_EMAIL: email, DIBS_ADMIN_PASSWORD: 'long enough' })).toThrow(
      /^DIBS_ADMIN_EMAIL: must be an e-mail address such as admin@localhost/,
    );
  });

  test('does not repeat a refused secret', () => {
    const secret = 'my-secret-but-short';
    const environment = { DIBS_BOOTSTRAP_CLIENT_ID: 'a', DIBS_BOOTSTRAP_CLIENT_SECRET: secret };
    expect(() => readSettings(environment)).not.toThrow(secret);
  });
});
