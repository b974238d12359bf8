import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { permissionsOf } from '../domain/access/permissions.js';
import { forbidden, unauthenticated } from '../platform/errors.js';
import { AccessTokenService } from './access-token.service.js';
import type { Caller } from './caller.js';
import { SessionCookie } from './sessions/session-cookie.js';
import { SessionService } from './sessions/session.service.js';
import { API_TOKEN_PREFIX, ApiTokenAuthenticator } from './tokens/api-token.authenticator.js';

/** Turns the credentials of an HTTP request into a caller: access token, API token or session cookie. */
@Injectable()
export class Authenticator {
  constructor(
    private readonly accessTokens: AccessTokenService,
    private readonly apiTokens: ApiTokenAuthenticator,
    private readonly sessions: SessionService,
    private readonly cookie: SessionCookie,
  ) {}

  /** @throws AppError 401; 403 for a runner's principal or a foreign Origin */
  async authenticate(request: FastifyRequest): Promise<Caller> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.byBearer(authorization);
    const session = this.cookie.read(request);
    if (session === null) throw unauthenticated('unauthenticated', 'Credentials are needed.');
    this.cookie.demandOwnOrigin(request);
    const caller = await this.sessions.callerOf(session);
    if (caller === null) throw unauthenticated('session_expired', 'The session has ended. Sign in again.');
    return caller;
  }

  private async byBearer(authorization: string): Promise<Caller> {
    const token = bearerToken(authorization);
    return token.startsWith(API_TOKEN_PREFIX) ? this.byApiToken(token) : this.byAccessToken(token);
  }

  private async byApiToken(token: string): Promise<Caller> {
    const caller = await this.apiTokens.callerOf(token);
    if (caller === null) throw unauthenticated('invalid_token', 'The API token is not valid here.');
    return caller;
  }

  private async byAccessToken(token: string): Promise<Caller> {
    const { principalId, organizationId, role, clientId } = await this.accessTokens.verify(token);
    if (role === null) throw forbidden("A runner's principal may only use what is for runners.");
    return {
      organizationId,
      kind: 'servicePrincipal',
      id: principalId,
      name: clientId,
      role,
      permissions: permissionsOf(role),
    };
  }
}

/** @throws AppError 401 for any other scheme */
export function bearerToken(authorization: string): string {
  const token = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw unauthenticated('invalid_token', 'Authorization must be: Bearer <token>.');
  return token;
}
