import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { createTestDatabase, type TestDatabase } from '../../server/test/support/test-database.js';
import { noBrowserReason, openBrowser, type TestBrowser } from './browser.js';
import { freePort } from './free-port.js';
import { PartProcess, startListening, type Listening } from './part-process.js';

export const ADMIN = { email: 'ada@example.com', password: 'correct horse battery' };
const CLIENT = { id: 'e2e', secret: 'e2e-secret-of-32-characters-long' };
const BROWSER = { locale: 'en-GB' };

if (noBrowserReason) console.warn(`The dashboard is NOT tested in a browser: ${noBrowserReason}.`);
export const describeInBrowser: typeof describe.skip = noBrowserReason ? describe.skip : describe;

/** For a server that has a dashboard on this port of its machine. */
export function settingsForDashboard(port: number): Record<string, string> {
  return {
    DIBS_ADMIN_EMAIL: ADMIN.email,
    DIBS_ADMIN_PASSWORD: ADMIN.password,
    DASHBOARD_ORIGIN: `http://127.0.0.1:${port}`,
  };
}

export function startDashboard(port: number, serverUrl: string): Promise<Listening> {
  return startListening('dashboard', 'dashboard/server.mjs', {
    DASHBOARD_PORT: String(port),
    HOST: '127.0.0.1',
    DIBS_SERVER_URL: serverUrl,
  });
}

/** A server, the dashboard in front of it, and a browser that has never been there. */
export class DashboardRig {
  private readonly browsers: TestBrowser[] = [];
  private readonly runners: PartProcess[] = [];

  private constructor(
    readonly database: TestDatabase,
    /** For what runners leave on the disk. */
    readonly folder: string,
    private readonly serverEnv: Readonly<Record<string, string>>,
    private server: Listening,
    private readonly dashboard: Listening,
  ) {}

  static async start(): Promise<DashboardRig> {
    const database = await createTestDatabase();
    const [serverPort, dashboardPort] = [await freePort(), await freePort()];
    const serverEnv = {
      PORT: String(serverPort),
      HOST: '127.0.0.1',
      DATABASE_URL: database.url,
      DIBS_ENCRYPTION_KEY: 'key-of-the-dashboard-test-0123456789',
      DIBS_BOOTSTRAP_CLIENT_ID: CLIENT.id,
      DIBS_BOOTSTRAP_CLIENT_SECRET: CLIENT.secret,
      ...settingsForDashboard(dashboardPort),
    };
    const server = await startListening('server', 'server/dist/main.js', serverEnv);
    const dashboard = await startDashboard(dashboardPort, server.url);
    const folder = mkdtempSync(path.join(tmpdir(), 'dibs-dashboard-'));
    const rig = new DashboardRig(database, folder, serverEnv, server, dashboard);
    await rig.openBrowser();
    return rig;
  }

  /** Of the first browser. */
  get page(): Page {
    return this.browsers[0]!.page;
  }

  /** Where the browsers go. */
  get url(): string {
    return this.dashboard.url;
  }

  get serverUrl(): string {
    return this.server.url;
  }

  /** What went wrong in any of the browsers; must stay empty. */
  get mishaps(): readonly string[] {
    return this.browsers.flatMap(({ mishaps }) => mishaps);
  }

  /** Another one, with a profile of its own. It is closed with the rest. */
  async openBrowser(options: BrowserContextOptions = BROWSER): Promise<Page> {
    const browser = await openBrowser(options);
    this.browsers.push(browser);
    return browser.page;
  }

  startRunner(env: Readonly<Record<string, string>>): PartProcess {
    const runner = new PartProcess('runner', 'runner/dist/main.js', env);
    this.runners.push(runner);
    return runner;
  }

  /** Kills the server. @param meanwhile what there is to see before it is back */
  async restartServer(meanwhile: () => Promise<void>): Promise<void> {
    await this.server.process.kill();
    await meanwhile();
    this.server = await startListening('server', 'server/dist/main.js', this.serverEnv);
  }

  /** As a service principal, past the dashboard. */
  async api(method: string, route: string, body?: unknown): Promise<Response> {
    const form = { grant_type: 'client_credentials', client_id: CLIENT.id, client_secret: CLIENT.secret };
    const granted = await fetch(`${this.serverUrl}/connect/token`, { method: 'POST', body: new URLSearchParams(form) });
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return fetch(`${this.serverUrl}/api/v1${route}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async created<Item extends { readonly id: string }>(route: string, body: unknown): Promise<Item> {
    const response = await this.api('POST', route, body);
    expect(response.status).toBe(201);
    return (await response.json()) as Item;
  }

  /** A job of one step. @returns its id */
  async submit(name: string, commands: readonly string[]): Promise<string> {
    return (await this.created('/jobs', { name, steps: [{ name: 'only', run: commands.join('\n') }] })).id;
  }

  async stop(): Promise<void> {
    await Promise.all(this.browsers.map((browser) => browser.close()));
    await Promise.all(this.runners.filter(({ running }) => running).map((runner) => runner.kill()));
    for (const part of [this.dashboard, this.server]) {
      part.process.signal('SIGTERM');
      await part.process.endsWithin(60_000);
    }
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
