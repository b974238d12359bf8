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
  /** Another server on the same database, with the same credentials. Stop it before this one. */
  startPeer(overrides?: Readonly<Record<string, string>>): Promise<TestServer>;
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
  const environment = {
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: database.url,
    DIBS_DATABASE_POOL_SIZE: '8',
    DIBS_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    DIBS_BOOTSTRAP_CLIENT_ID: 'test-owner',
    DIBS_BOOTSTRAP_CLIENT_SECRET: randomBytes(24).toString('base64url'),
    DIBS_ADMIN_EMAIL: 'admin@test.example',
    DIBS_ADMIN_PASSWORD: randomBytes(12).toString('base64url'),
    TIME_SCALE: '0.05',
    LOG_LEVEL: process.env.DIBS_TEST_LOG_LEVEL ?? 'silent',
    ...overrides,
  };
  try {
    return await startOn(environment, () => database.drop());
  } catch (error) {
    await database.drop();
    throw error;
  }
}

type Environment = Readonly<
  Record<
    | 'DIBS_BOOTSTRAP_CLIENT_ID'
    | 'DIBS_BOOTSTRAP_CLIENT_SECRET'
    | 'DIBS_ADMIN_EMAIL'
    | 'DIBS_ADMIN_PASSWORD'
    | 'DATABASE_URL',
    string
  >
>;

async function startOn(environment: Environment, dropDatabase: () => Promise<void>): Promise<TestServer> {
  const started = await startServer({ ...environment });
  const credentials = {
    clientId: environment.DIBS_BOOTSTRAP_CLIENT_ID,
    clientSecret: environment.DIBS_BOOTSTRAP_CLIENT_SECRET,
  };
  const token = (): Promise<string> => fetchToken(started.url, credentials);
  let owner: Promise<string> | undefined;
  return {
    url: started.url,
    app: started.app,
    databaseUrl: environment.DATABASE_URL,
    ...credentials,
    adminEmail: environment.DIBS_ADMIN_EMAIL,
    adminPassword: environment.DIBS_ADMIN_PASSWORD,
    token,
    request: async (method, path, body, options = {}) => {
      const bearer = options.token === undefined ? await (owner ??= token()) : options.token;
      return send(started.url + path, method, body, { ...options, token: bearer });
    },
    startPeer: (overrides = {}) => startOn({ ...environment, ...overrides }, () => Promise.resolve()),
    stop: async () => {
      await started.stop();
      await dropDatabase();
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
