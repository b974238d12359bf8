import { Injectable } from '@nestjs/common';
import { OLDEST_SUPPORTED_PROTOCOL_VERSION, PROTOCOL_VERSION, type Refusal } from '@dibs/shared';
import { HandshakeMessage, readMessage } from '@dibs/shared/messages';
import { AccessTokenService } from '../auth/access-token.service.js';
import { PrincipalService } from '../auth/principal.service.js';
import { refused, refusedForNow } from '../dispatch/refusals.js';
import { AppError } from '../platform/errors.js';
import { ShutdownState } from '../platform/health/shutdown-state.js';
import type { Visitor } from './visitor.js';

/** A disabled runner may be enabled again; it need not ask more often than this. */
const DISABLED_RETRY_MS = 30_000;

export type Handshake = { readonly ok: true; readonly visitor: Visitor } | Refusal;

/** Decides about a connection before it exists: version, form, token, runner record. */
@Injectable()
export class HandshakeService {
  constructor(
    private readonly tokens: AccessTokenService,
    private readonly principals: PrincipalService,
    private readonly shutdown: ShutdownState,
  ) {}

  async check(auth: unknown): Promise<Handshake> {
    if (this.shutdown.isShuttingDown) return refusedForNow('E_UNAVAILABLE', 'The server is stopping.', 1_000);
    // first, because another version may well have another form
    const version = versionProblem(auth);
    if (version) return version;
    const read = readMessage(HandshakeMessage, auth);
    if (!read.ok) return refused('E_VALIDATION', read.problem);
    try {
      return await this.authenticate(read.message);
    } catch (error) {
      return refusalOfToken(error);
    }
  }

  /** Whether the principal and the runner record still stand. */
  async stillStands({ token, runnerId }: Visitor): Promise<boolean> {
    if ((await this.principals.standingOf(token)) === null) return false;
    const runner = await this.principals.runnerOf(token.principalId);
    return runner !== null && runner.runnerId === runnerId && !runner.disabled;
  }

  /** Something about these credentials changed, perhaps on another server: do not go by what is remembered. */
  forget({ token }: Visitor): void {
    this.principals.forget(token.principalId);
  }

  private async authenticate({ token, instance, bootId }: HandshakeMessage): Promise<Handshake> {
    const { principalId, organizationId, secretId, issuedAt, expiresAt } = await this.tokens.verify(token);
    const runner = await this.principals.runnerOf(principalId);
    if (runner === null || runner.organizationId !== organizationId) {
      return refused('E_FORBIDDEN', 'These credentials belong to no runner. Register one first.');
    }
    if (runner.disabled) return refusedForNow('E_FORBIDDEN', 'This runner is disabled.', DISABLED_RETRY_MS);
    const { runnerId, runnerName } = runner;
    const origin = { principalId, secretId, issuedAt, expiresAt };
    const visitor = { organizationId, runnerId, runnerName, instanceName: instance, bootId, token: origin };
    return { ok: true, visitor };
  }
}

function versionProblem(auth: unknown): Refusal | null {
  const version = (auth as { readonly protocolVersion?: unknown } | null)?.protocolVersion;
  if (!Number.isInteger(version)) return refused('E_PROTOCOL_VERSION', 'The handshake names no protocolVersion.');
  const spoken = version as number;
  if (spoken >= OLDEST_SUPPORTED_PROTOCOL_VERSION && spoken <= PROTOCOL_VERSION) return null;
  const range = `${OLDEST_SUPPORTED_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}`;
  return refused('E_PROTOCOL_VERSION', `This server speaks protocol versions ${range}, not ${spoken}.`);
}

function refusalOfToken(error: unknown): Refusal {
  if (!(error instanceof AppError)) throw error;
  if (error.code === 'token_expired') return refusedForNow('E_TOKEN_EXPIRED', error.detail);
  if (error.status === 401) return refused('E_UNAUTHENTICATED', error.detail);
  if (error.status === 503) return refusedForNow('E_UNAVAILABLE', error.detail, 1_000);
  throw error;
}
