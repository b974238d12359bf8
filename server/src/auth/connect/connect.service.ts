import { Injectable } from '@nestjs/common';
import type { OrganizationId } from '@dibs/shared';
import { ACCESS_TOKEN_LIFETIME_SECONDS, AccessTokenService } from '../access-token.service.js';
import { AuditLog } from '../audit/audit-log.js';
import { ClientAuthenticator } from './client-authenticator.js';
import { invalidClient, readTokenRequest } from './token-request.js';

/** RFC 6749 §5.1 */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
}

@Injectable()
export class ConnectService {
  constructor(
    private readonly clients: ClientAuthenticator,
    private readonly tokens: AccessTokenService,
    private readonly audit: AuditLog,
  ) {}

  /** @throws OAuthError, AppError 429 */
  async token(form: URLSearchParams | undefined, authorization: string | undefined, ip: string): Promise<TokenAnswer> {
    const request = readTokenRequest(form, authorization);
    const principal = await this.clients.authenticate(request, ip);
    if (principal === null) throw invalidClient(request.method);
    await this.audit.record({
      organizationId: principal.organizationId as OrganizationId,
      actorKind: 'servicePrincipal',
      actorId: principal.principalId,
      action: 'token.issued',
      target: principal.principalId,
      data: { secretId: principal.secretId },
    });
    const token = await this.tokens.issue({ ...principal, issuedAtMs: principal.nowMs });
    return { access_token: token, token_type: 'Bearer', expires_in: ACCESS_TOKEN_LIFETIME_SECONDS };
  }
}
