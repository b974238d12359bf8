import { randomBytes } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import { startServer } from '../../src/server.js';
import { createTestDatabase } from './test-database.js';

export interface TestServer {
  readonly url: string;
  readonly app: INestApplication;
  readonly databaseUrl: string;
  /** Credentials of a service principal with role owner in the default organization. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** Sign-in of the first user, an owner too. */
  readonly adminEmail: string;
  readonly adminPassword: string;
  /** An access token of the owner; a new one each time. */
  token(): Promise<string>;
  /** A call as the owner; `options.token`: as somebody else, null: as nobody. */
  request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    options?: RequestOptions,
  ): Promise<TestResponse<Body>>;
  /** Also drops its database; fails when the server leaves connections open. */
  stop(): Promise<void>;
}

export interface RequestOptions {
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestResponse<Body> {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, else the text. */
  readonly body: Body;
}

/** A whole server in this process, on a free port and a database of its own; every time is a twentieth. */
export async function startTestServer(overrides: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  const database = await createTestDatabase();
  const credentials = { clientId: 'test-owner', clientSecret: randomBytes(24).toString('base64url') };
  const admin = { adminEmail: 'admin@test.example', adminPassword: randomBytes(12).toString('base64url') };
  const started = await startServer({
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: database.url,
    DIBS_DATABASE_POOL_SIZE: '8',
    DIBS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    DIBS_BOOTSTRAP_CLIENT_ID: credentials.clientId,
    DIBS_BOOTSTRAP_CLIENT_SECRET: credentials.clientSecret,
    DIBS_ADMIN_EMAIL: admin.adminEmail,
    DIBS_ADMIN_PASSWORD: admin.adminPassword,
    TIME_SCALE: '0.05',
    LOG_LEVEL: process.env.DIBS_TEST_LOG_LEVEL ?? 'silent',
    ...overrides,
  }).catch(async (error: unknown) => {
    await database.drop();
    throw error;
  });

  const token = (): Promise<string> => fetchToken(started.url, credentials);
  let owner: Promise<string> | undefined;
  return {
    url: started.url,
    app: started.app,
    databaseUrl: database.url,
    ...credentials,
    ...admin,
    token,
    request: async (method, path, body, options = {}) => {
      const bearer = options.token === undefined ? await (owner ??= token()) : options.token;
      return send(started.url + path, method, body, { ...options, token: bearer });
    },
    stop: async () => {
      await started.stop();
      await database.drop();
    },
  };
}

async function fetchToken(
  url: string,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): Promise<string> {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const response = await fetch(`${url}/connect/token`, { method: 'POST', body: new URLSearchParams(form) });
  if (!response.ok) throw new Error(`POST /connect/token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}

async function send<Body>(
  url: string,
  method: string,
  body: unknown,
  { token, headers }: RequestOptions,
): Promise<TestResponse<Body>> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as Body };
}
