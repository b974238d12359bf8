import type { ClientCredentials } from '@dibs/shared';
import { RefusedError } from './link-errors.js';

interface CachedToken {
  readonly token: string;
  readonly freshUntilMs: number;
}

/**
 * Access tokens of the runner's service principal. One token serves many connections: it is kept until it has only
 * a tenth of its life left, so that 1,000 runners that come back at once do not all ask for a new one.
 */
export class TokenSource {
  private cached: CachedToken | null = null;

  /** @param nowMs monotonic */
  constructor(
    private readonly serverUrl: string,
    private readonly credentials: () => Promise<ClientCredentials>,
    private readonly requestTimeoutMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** @throws RefusedError when the server says no, any other error when it cannot be reached */
  async get(): Promise<string> {
    if (this.cached && this.nowMs() < this.cached.freshUntilMs) return this.cached.token;
    const requestedAtMs = this.nowMs();
    const response = await this.request(await this.credentials());
    const { access_token: token, expires_in: lifeSeconds } = (await response.json()) as TokenAnswer;
    if (typeof token !== 'string' || typeof lifeSeconds !== 'number') {
      throw new Error(`${this.serverUrl}/connect/token did not answer with a token: is this a Dibs server?`);
    }
    this.cached = { token, freshUntilMs: requestedAtMs + lifeSeconds * 900 };
    return token;
  }

  /** The server did not accept the token that get() returned. */
  forget(): void {
    this.cached = null;
  }

  private async request(credentials: ClientCredentials): Promise<Response> {
    const { clientId, clientSecret } = credentials;
    // RFC 6749 §2.3.1: both parts are form-encoded before they are joined
    const basic = Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString('base64');
    const response = await fetch(`${this.serverUrl}/connect/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
      signal: AbortSignal.timeout(this.requestTimeoutMs),
      redirect: 'error',
    });
    if (response.ok) return response;
    throw await toRefusal(response);
  }
}

interface TokenAnswer {
  readonly access_token?: unknown;
  readonly expires_in?: unknown;
}

/** 4xx means that asking again at once cannot help; 429 and 5xx say that it can. */
async function toRefusal(response: Response): Promise<RefusedError> {
  const body = (await response.json().catch(() => ({}))) as { error?: unknown; error_description?: unknown };
  const detail = [body.error, body.error_description].filter((part) => typeof part === 'string').join(': ');
  const message = `the token request was answered with HTTP ${response.status}${detail && ` (${detail})`}`;
  if (response.status === 429 || response.status >= 500) {
    const retryAfterMs = Number(response.headers.get('retry-after') ?? 0) * 1000 || undefined;
    return new RefusedError({
      code: response.status === 429 ? 'E_RATE_LIMITED' : 'E_UNAVAILABLE',
      message,
      retryable: true,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  return new RefusedError({ code: 'E_UNAUTHENTICATED', message, retryable: false });
}

function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
