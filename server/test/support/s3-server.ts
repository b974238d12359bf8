import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface S3Server {
  readonly endpoint: string;
  /** What is stored, by its path (`/bucket/name`). */
  readonly objects: Map<string, Buffer>;
  /** Status and code of every answer, or of the next one only; null: as it should be; 'cut': the connection is cut. */
  answer: { readonly status: number; readonly code: string; readonly isOnce?: boolean } | 'cut' | null;
  stop(): Promise<void>;
}

const REGION = 'eu-test-1';
export const S3_CREDENTIALS = { region: REGION, accessKeyId: 'AKTEST', secretAccessKey: 'a/secret+of=the-test' };
const BUCKET = 'logs';

/**
 * The part of S3 that Dibs uses, strict about it: signatures (AWS Signature Version 4) are worked out anew from what
 * arrived, the hash of a content is compared with the content.
 */
export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => void answer(request, response));
  const s3: S3Server = {
    get endpoint() {
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    objects,
    answer: null,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    if (s3.answer === 'cut') return void request.socket.destroy();
    const told = s3.answer;
    if (told?.isOnce) s3.answer = null;
    const { status, code, body, headers }: Answer = told
      ? refused(told.status, told.code)
      : handle(request, Buffer.concat(parts));
    const text = code && `<?xml version="1.0"?><Error><Code>${code}</Code><Message>as told</Message></Error>`;
    response.writeHead(status, headers).end(body ?? text ?? '');
  }

  function handle(request: IncomingMessage, content: Buffer): Answer {
    const path = request.url!;
    if (!isSigned(request)) return refused(403, 'SignatureDoesNotMatch');
    if (request.headers['x-amz-content-sha256'] !== sha256(content)) return refused(400, 'XAmzContentSHA256Mismatch');
    if (!path.startsWith(`/${BUCKET}/`)) return refused(404, 'NoSuchBucket');
    if (request.method === 'PUT') {
      if (request.headers['content-length'] === undefined) return refused(411, 'MissingContentLength');
      objects.set(path, content);
      return { status: 200, headers: { etag: '"1"' } };
    }
    if (request.method === 'DELETE') {
      objects.delete(path);
      return { status: 204, headers: {} };
    }
    const object = objects.get(path);
    if (object === undefined) return refused(404, 'NoSuchKey');
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (!range) return { status: 200, headers: {}, body: object };
    const [from, to] = [Number(range[1]), Number(range[2])];
    if (from >= object.length) return refused(416, 'InvalidRange');
    return { status: 206, headers: {}, body: object.subarray(from, to + 1) };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return s3;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly code?: string;
  readonly body?: Buffer;
}

function refused(status: number, code: string): Answer {
  return { status, code, headers: {} };
}

function isSigned({ method, url, headers }: IncomingMessage): boolean {
  const told = /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? '',
  );
  if (!told) return false;
  const [, credential, names, signature] = told as unknown as [string, string, string, string];
  const [accessKeyId, day, ...scope] = credential.split('/');
  if (accessKeyId !== S3_CREDENTIALS.accessKeyId || scope.join('/') !== `${REGION}/s3/aws4_request`) return false;
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => names.split(';').includes(name))) return false;
  const at = String(headers['x-amz-date']);
  const age = Date.now() - Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!at.startsWith(day!) || !(Math.abs(age) < 900_000)) return false;
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, '', signed.join(''), names, headers['x-amz-content-sha256']].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', at, [day, ...scope].join('/'), sha256(canonical)].join('\n');
  let key: Buffer = Buffer.from(`AWS4${S3_CREDENTIALS.secretAccessKey}`);
  for (const part of [day!, ...scope]) key = createHmac('sha256', key).update(part).digest();
  return createHmac('sha256', key).update(toSign).digest('hex') === signature;
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
