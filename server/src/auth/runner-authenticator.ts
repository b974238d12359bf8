import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { forbidden, unauthenticated } from '../platform/errors.js';
import { AccessTokenService } from './access-token.service.js';
import { bearerToken } from './authenticator.js';
import { PrincipalService, type RunnerIdentity } from './principal.service.js';
import { API_TOKEN_PREFIX } from './tokens/api-token.authenticator.js';

/** Which runner makes an HTTP request: by the access token with which it opens its link. */
@Injectable()
export class RunnerAuthenticator {
  constructor(
    private readonly tokens: AccessTokenService,
    private readonly principals: PrincipalService,
  ) {}

  /** @throws AppError 401; 403 for whoever is no runner, or a disabled one */
  async authenticate({ headers: { authorization } }: FastifyRequest): Promise<RunnerIdentity> {
    if (authorization === undefined) {
      throw unauthenticated('unauthenticated', 'The access token of a runner is needed.');
    }
    const token = bearerToken(authorization);
    if (token.startsWith(API_TOKEN_PREFIX)) throw forbidden('This route is for runners only.');
    const { principalId, organizationId } = await this.tokens.verify(token);
    const runner = await this.principals.runnerOf(principalId);
    if (runner === null || runner.organizationId !== organizationId) throw forbidden('This route is for runners only.');
    if (runner.disabled) throw forbidden('This runner is disabled.');
    return runner;
  }
}
