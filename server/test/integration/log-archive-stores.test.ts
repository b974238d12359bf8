import { mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileStore } from '../../src/log-archive/store/file-store.js';
import { bytesOf, type ByteRange, type ObjectStore } from '../../src/log-archive/store/object-store.js';
import { openLogArchive } from '../../src/log-archive/store/open-log-archive.js';
import { S3Store } from '../../src/log-archive/store/s3-store.js';
import type { S3ArchiveSettings } from '../../src/platform/log-archive-settings.js';
import { S3_CREDENTIALS, startS3Server, type S3Server } from '../support/s3-server.js';

const NAME = '0189f7a2-0000-7000-8000-000000000001/2026-11-21/job-1-c0ffee.gz';
const PARTS = [Buffer.from('one, '), Buffer.alloc(300_000, 'two'), Buffer.from(', three')];

// eslint-disable-next-line @typescript-eslint/require-await -- parts as they are made
async function* parts(failsAfter = Infinity): AsyncGenerator<Buffer> {
  for (const [index, part] of PARTS.entries()) {
    if (index === failsAfter) throw new Error('the source failed');
    yield part;
  }
}

/** As text: jest takes seconds to compare long buffers. */
const WHOLE = Buffer.concat(PARTS).toString();

const read = async (store: ObjectStore, name = NAME, range?: ByteRange): Promise<string> =>
  (await bytesOf(store.read(name, range))).toString();

let folder: string;
let s3: S3Server;
let s3Settings: S3ArchiveSettings;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dibs-archive-test-'));
  s3 = await startS3Server();
  s3Settings = { kind: 's3', bucket: 'logs', prefix: 'ci/dibs', endpoint: s3.endpoint, ...S3_CREDENTIALS };
});
afterEach(async () => {
  await s3.stop();
  await rm(folder, { recursive: true });
});

describe.each(['folder', 's3'] as const)('%s', (kind) => {
  let store: ObjectStore;
  beforeEach(async () => {
    store = kind === 'folder' ? new FileStore(folder) : new S3Store(s3Settings);
    await store.check();
  });

  test('keeps objects, gives parts of them, and removes them', async () => {
    await store.write(NAME, parts());
    expect(await read(store)).toBe(WHOLE);
    expect(await read(store, NAME, { from: 3, bytes: 10 })).toBe(WHOLE.slice(3, 13));
    expect(await read(store, NAME, { from: WHOLE.length - 3, bytes: 10 })).toBe(WHOLE.slice(-3));
    await store.remove(NAME);
    await store.remove(NAME);
    await expect(read(store)).rejects.toMatchObject({ name: 'ArchiveError', kind: 'missing' });
  });

  test('has nothing of an object whose source failed', async () => {
    await expect(store.write(NAME, parts(2))).rejects.toThrow('the source failed');
    await expect(read(store)).rejects.toMatchObject({ kind: 'missing' });
    expect(await readdir(join(folder, kind === 'folder' ? 'incoming' : '.'))).toEqual([]);
  });
});

describe('folder', () => {
  test('an object has its name when it is complete, not before', async () => {
    const store = new FileStore(folder);
    await store.check();
    const names: string[][] = [];
    const watched = async function* (): AsyncGenerator<Buffer> {
      for await (const part of parts()) {
        yield part;
        names.push((await readdir(folder)).sort());
      }
    };
    await store.write(NAME, watched());
    expect(names).toEqual(PARTS.map(() => ['incoming']));
    expect((await readFile(join(folder, NAME))).toString()).toBe(WHOLE);
  });

  test('what somebody who was killed had begun is removed after a day', async () => {
    await new FileStore(folder).check();
    const [old, young] = ['old', 'young'].map((name) => join(folder, 'incoming', name)) as [string, string];
    for (const path of [old, young]) await writeFile(path, 'half');
    const before = new Date(Date.now() - 2 * 86_400_000);
    await utimes(old, before, before);
    await new FileStore(folder).check();
    expect(await readdir(join(folder, 'incoming'))).toEqual(['young']);
  });

  test('a file system that is not mounted is not a lost object, and gets no files', async () => {
    const store = new FileStore(folder);
    await store.check();
    await store.write(NAME, parts());
    const elsewhere = `${folder}-unmounted`;
    await rename(folder, elsewhere);
    await expect(read(store)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(store.write(NAME, parts())).rejects.toMatchObject({ kind: 'unavailable' });
    await rename(elsewhere, folder);
    expect(await read(store)).toBe(WHOLE);
  });

  test('names lead nowhere else', async () => {
    const store = new FileStore(join(folder, 'archive'));
    await store.check();
    await writeFile(join(folder, 'secret'), 'secret');
    for (const name of ['../secret', 'a/../../secret', '/etc/passwd', '.hidden', ''])
      await expect(read(store, name)).rejects.toMatchObject({ kind: 'missing' });
  });
});

describe('S3', () => {
  test('names objects below bucket and prefix, or below the host of the bucket', async () => {
    await new S3Store(s3Settings).write(NAME, parts());
    expect([...s3.objects.keys()]).toEqual([`/logs/ci/dibs/${NAME}`]);
  });

  test('asks again when the store has too much to do', async () => {
    const store = new S3Store(s3Settings);
    await store.write(NAME, parts());
    s3.answer = { status: 503, code: 'SlowDown', isOnce: true };
    expect(await read(store)).toBe(WHOLE);
  });

  test.each([
    [{ status: 503, code: 'SlowDown' } as const, 'unavailable'],
    ['cut' as const, 'unavailable'],
    [{ status: 403, code: 'AccessDenied' } as const, 'refused'],
    [{ status: 404, code: 'NoSuchBucket' } as const, 'refused'],
  ])('tells what %j means', async (answer, kind) => {
    s3.answer = answer;
    const store = new S3Store(s3Settings);
    await expect(read(store)).rejects.toMatchObject({ name: 'ArchiveError', kind });
    await expect(store.write(NAME, parts())).rejects.toMatchObject({ name: 'ArchiveError', kind });
  });
});

describe('at the start', () => {
  const warned: unknown[] = [];
  const warn = (...args: unknown[]): void => void warned.push(args);

  test('wrong credentials, a missing bucket and a folder that is none are refused, and no secret is told', async () => {
    const wrong = { ...s3Settings, secretAccessKey: 'this-is-the-wrong-secret' };
    const refusal = openLogArchive(wrong, warn);
    await expect(refusal).rejects.toThrow(
      /^DIBS_LOG_ARCHIVE: s3:\/\/logs\/ci\/dibs: .*SignatureDoesNotMatch.*must be a/,
    );
    await expect(refusal).rejects.not.toThrow(/wrong-secret/);
    await expect(openLogArchive({ ...s3Settings, bucket: 'other' }, warn)).rejects.toThrow(/NoSuchBucket/);
    await writeFile(join(folder, 'file'), '');
    const none = openLogArchive({ kind: 'folder', path: join(folder, 'file') }, warn);
    await expect(none).rejects.toThrow(/^DIBS_LOG_ARCHIVE: .*must be a folder that this user may/);
  });

  test('a store that does not answer is only told of', async () => {
    await s3.stop();
    warned.length = 0;
    expect(await openLogArchive(s3Settings, warn)).toBeInstanceOf(S3Store);
    expect(warned).toEqual([
      [{ archive: 's3://logs/ci/dibs', reason: expect.stringContaining('ECONNREFUSED') }, expect.any(String)],
    ]);
    s3 = await startS3Server();
  });
});
