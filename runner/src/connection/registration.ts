import { readFile } from 'node:fs/promises';
import type { ClientCredentials, Problem, RegisterRunnerBody, RunnerCreated } from '@dibs/shared';
import type { Logger } from 'pino';
import type { LinkSettings } from '../settings/settings.js';
import { removeDurably, writeDurably } from '../storage/durable-file.js';
import { RefusedError } from './link-errors.js';

/** Supplies the credentials that the token request needs. */
export interface Identity {
  credentials(): Promise<ClientCredentials>;
  /** The server does not know these credentials. @returns true when others can be had, so trying again makes sense */
  refused(): Promise<boolean>;
}

/** Credentials from the settings are what they are; with an API token the runner registers itself. */
export function createIdentity(link: LinkSettings, file: string, timeoutMs: number, log: Logger): Identity {
  const { identity } = link;
  if (identity.kind === 'apiToken') {
    return new RegisteredIdentity(link.serverUrl, identity.token, file, timeoutMs, log, {
      name: identity.runnerName,
      instance: link.instance,
    });
  }
  const { clientId, clientSecret } = identity;
  return {
    credentials: () => Promise.resolve({ clientId, clientSecret }),
    refused: () => Promise.resolve(false),
  };
}

interface StoredCredentials extends ClientCredentials, RegisterRunnerBody {
  readonly serverUrl: string;
}

/** Registers once and keeps the credentials in the work dir; registers again when the server refuses them. */
class RegisteredIdentity implements Identity {
  private known: ClientCredentials | null = null;
  /** Whether the known ones come from the file: fresh ones that are refused are no reason to register again. */
  private fromFile = false;

  constructor(
    private readonly serverUrl: string,
    private readonly apiToken: string,
    private readonly file: string,
    private readonly timeoutMs: number,
    private readonly log: Logger,
    private readonly body: RegisterRunnerBody,
  ) {}

  async credentials(): Promise<ClientCredentials> {
    this.known ??= (await this.load()) ?? (await this.register());
    return this.known;
  }

  async refused(): Promise<boolean> {
    const worthAnotherTry = this.fromFile;
    this.known = null;
    this.fromFile = false;
    await removeDurably(this.file);
    return worthAnotherTry;
  }

  private async load(): Promise<ClientCredentials | null> {
    const text = await readFile(this.file, 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      const stored = JSON.parse(text) as Partial<StoredCredentials>;
      const { clientId, clientSecret } = stored;
      const isOurs =
        stored.serverUrl === this.serverUrl && stored.name === this.body.name && stored.instance === this.body.instance;
      if (!isOurs || typeof clientId !== 'string' || typeof clientSecret !== 'string') return null;
      this.fromFile = true;
      return { clientId, clientSecret };
    } catch {
      return null;
    }
  }

  private async register(): Promise<ClientCredentials> {
    const response = await fetch(`${this.serverUrl}/api/v1/runners/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.apiToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(this.body),
      signal: AbortSignal.timeout(this.timeoutMs),
      redirect: 'error',
    });
    if (!response.ok) {
      const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
      throw new RefusedError({
        code: response.status === 403 ? 'E_FORBIDDEN' : 'E_UNAUTHENTICATED',
        message: `the registration was answered with HTTP ${response.status} (${problem.detail ?? 'no detail'})`,
        retryable: response.status === 429 || response.status >= 500,
      });
    }
    const { credentials } = (await response.json()) as RunnerCreated;
    if (!credentials) throw new Error('the registration was answered without credentials');
    const stored: StoredCredentials = { serverUrl: this.serverUrl, ...this.body, ...credentials };
    await writeDurably(this.file, stored);
    this.log.info({ runner: this.body.name, instance: this.body.instance }, 'registered');
    return credentials;
  }
}
