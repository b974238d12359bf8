import { createHash, randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AwsV4Signer } from 'aws4fetch';
import type { S3ArchiveSettings } from '../../platform/log-archive-settings.js';
import { ArchiveError, checkStore, type ByteRange, type ObjectStore } from './object-store.js';

/** A reader is told after this that the store does not answer. */
const SHORT_MS = 20_000;
/** A whole object. Less than the time for which a log is claimed (archive-queue.repository.ts). */
const LONG_MS = 300_000;
/** Stores answer 503 for a moment when they are asked too much. */
const TRIES = 3;
const PAUSE_MS = 200;

const EMPTY_SHA256 = createHash('sha256').digest('hex');

interface S3Request {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly sha256?: string;
  readonly body?: () => ReadableStream;
  readonly limitMs: number;
}

/**
 * A bucket of AWS, or of any store that speaks its protocol. Objects are sent in one request, signed together with the
 * hash of their content: what arrives otherwise is refused by the store, and never stored in part.
 */
export class S3Store implements ObjectStore {
  readonly kind = 'S3 store';
  readonly location: string;
  private readonly base: string;

  constructor(private readonly settings: S3ArchiveSettings) {
    const { bucket, prefix } = settings;
    this.location = ['s3:/', bucket, prefix].join('/').replace(/\/$/, '');
    this.base = baseOf(settings);
  }

  check(): Promise<void> {
    return checkStore(this, `check-${randomUUID()}`);
  }

  async write(name: string, parts: AsyncIterable<Buffer>): Promise<void> {
    // the request names length and hash before the content: it waits in a file that is gone when this process is
    const spool = await openSpool();
    try {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const part of parts) {
        hash.update(part);
        bytes += part.length;
        await spool.appendFile(part).catch(cannotSpool);
      }
      const body = (): ReadableStream =>
        Readable.toWeb(spool.createReadStream({ start: 0, autoClose: false })) as ReadableStream;
      const headers = { 'content-length': String(bytes), 'content-type': 'application/gzip' };
      await this.answer(name, { method: 'PUT', headers, sha256: hash.digest('hex'), body, limitMs: LONG_MS });
    } finally {
      await spool.close();
    }
  }

  async *read(name: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
    const headers = range && { range: `bytes=${range.from}-${range.from + range.bytes - 1}` };
    const limitMs = range ? SHORT_MS : LONG_MS;
    const response = await this.answer(name, { method: 'GET', ...(headers && { headers }), limitMs });
    if (range && response.status !== 206) {
      await response.body?.cancel();
      throw new ArchiveError('refused', `it answered ${response.status} where a part of an object was asked for`);
    }
    try {
      for await (const bytes of response.body ?? []) yield bytes;
    } catch (error) {
      throw notAnswered(error);
    }
  }

  async remove(name: string): Promise<void> {
    const response = await this.answer(name, { method: 'DELETE', limitMs: SHORT_MS });
    await response.body?.cancel();
  }

  private async answer(name: string, request: S3Request): Promise<Response> {
    for (let tried = 1; ; tried += 1) {
      try {
        const response = await this.send(name, request);
        if (response.ok) return response;
        throw await refusal(response);
      } catch (error) {
        const failed = error instanceof ArchiveError ? error : notAnswered(error);
        if (failed.kind !== 'unavailable' || tried === TRIES) throw failed;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * tried));
      }
    }
  }

  private async send(name: string, { method, headers, sha256, body, limitMs }: S3Request): Promise<Response> {
    const { accessKeyId, secretAccessKey, region } = this.settings;
    const signed = await new AwsV4Signer({
      method,
      url: `${this.base}/${name.split('/').map(encodeURIComponent).join('/')}`,
      headers: { ...headers, 'x-amz-content-sha256': sha256 ?? EMPTY_SHA256 },
      accessKeyId,
      secretAccessKey,
      region,
      service: 's3',
    }).sign();
    return fetch(signed.url, {
      method,
      headers: signed.headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(limitMs),
      ...(body && { body: body(), duplex: 'half' }),
    });
  }
}

/** Stores other than that of AWS hardly ever have a host for each bucket; one that begins with its name is that. */
function baseOf({ endpoint, bucket, prefix, region }: S3ArchiveSettings): string {
  const hostOfBucket = endpoint ?? `https://${bucket}.s3.${region}.amazonaws.com`;
  const isOfBucket = new URL(hostOfBucket).hostname.startsWith(`${bucket}.`);
  return [hostOfBucket, ...(isOfBucket ? [] : [bucket]), ...(prefix === '' ? [] : [prefix])].join('/');
}

async function openSpool(): Promise<FileHandle> {
  const path = join(tmpdir(), `dibs-log-${randomUUID()}`);
  const spool = await open(path, 'wx+', 0o600).catch(cannotSpool);
  await rm(path, { force: true });
  return spool;
}

function cannotSpool(error: Error): never {
  throw new ArchiveError('unavailable', `no room in the folder for temporary files: ${error.message}`, {
    cause: error,
  });
}

function notAnswered(error: unknown): ArchiveError {
  const { name, message, cause } = error as Error;
  const reason = name === 'TimeoutError' ? 'it did not answer in time' : ((cause as Error)?.message ?? message);
  return new ArchiveError('unavailable', reason, { cause: error });
}

/** What the store said, in its own words: a code such as NoSuchBucket and a sentence. */
async function refusal(response: Response): Promise<ArchiveError> {
  const text = (await response.text().catch(() => '')).slice(0, 10_000);
  const part = (tag: string): string => new RegExp(`<${tag}>([^<]{1,300})</${tag}>`).exec(text)?.[1] ?? '';
  const code = part('Code');
  const said = `it answered ${[response.status, code, part('Message')].filter(Boolean).join(' ')}`;
  if (response.status === 416 || (response.status === 404 && code !== 'NoSuchBucket'))
    return new ArchiveError('missing', said);
  const isLater =
    response.status >= 500 || [408, 425, 429].includes(response.status) || code === 'RequestTimeTooSkewed';
  return new ArchiveError(isLater ? 'unavailable' : 'refused', said);
}
