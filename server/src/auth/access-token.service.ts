import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { errors, jwtVerify, SignJWT } from 'jose';
import { ROLES } from '@dibs/shared';
import type { OrganizationId, Role, ServicePrincipalId } from '@dibs/shared';
import { unauthenticated } from '../platform/errors.js';
import { UUID } from '../platform/page.js';
import { uuidv7 } from '../platform/uuid.js';
import { PrincipalService } from './principal.service.js';
import { SigningKey } from './signing-key.js';

export const ACCESS_TOKEN_LIFETIME_SECONDS = 900;
const ISSUER = 'dibs';
const AUDIENCE = 'dibs-api';
/** Checking a signature costs a quarter of a submit's CPU, and a caller shows the same token for 15 minutes. */
const REMEMBERED_TOKENS = 10_000;
/** RFC 9068 §2.1: keeps access tokens apart from every other JWT of this key. */
const TYPE = 'at+jwt';

export interface AccessTokenClaims {
  readonly principalId: ServicePrincipalId;
  readonly organizationId: OrganizationId;
  /** null: a runner's principal. */
  readonly role: Role | null;
  readonly clientId: string;
  readonly secretId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface AccessTokenGrant {
  readonly principalId: string;
  readonly organizationId: string;
  readonly role: string | null;
  readonly clientId: string;
  readonly secretId: string;
  /** By the database's clock, as revocations are. */
  readonly issuedAtMs: number;
}

/** Access tokens of service principals: EdDSA JWTs of 15 minutes (RFC 9068 in spirit). */
@Injectable()
export class AccessTokenService {
  /** Tokens whose signature was checked, oldest first. */
  private readonly checked = new Map<string, AccessTokenClaims>();

  constructor(
    private readonly key: SigningKey,
    private readonly principals: PrincipalService,
  ) {}

  issue(grant: AccessTokenGrant): Promise<string> {
    // milliseconds are kept (RFC 7519 allows fractions): a token made right after a revocation must count
    const issuedAt = grant.issuedAtMs / 1000;
    return new SignJWT({ org: grant.organizationId, role: grant.role, client_id: grant.clientId, sid: grant.secretId })
      .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: this.key.id })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(grant.principalId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(Math.floor(issuedAt) + ACCESS_TOKEN_LIFETIME_SECONDS)
      .setJti(uuidv7())
      .sign(this.key.privateKey);
  }

  /**
   * Signature, times and standing: a principal that was disabled or whose secret was revoked is refused at the latest
   * after `principalRecheckMs`.
   *
   * @throws AppError 401 `token_expired` | `invalid_token`
   */
  async verify(token: string): Promise<AccessTokenClaims> {
    const claims = this.recall(token) ?? (await this.read(token));
    const principal = await this.principals.standingOf(claims);
    if (principal === null || principal.organizationId !== claims.organizationId) throw invalidToken();
    // the role of now: a lowered one must not live on in older tokens
    return { ...claims, role: principal.role };
  }

  private keyOf(id: string | undefined): KeyObject {
    const key = id === undefined ? this.key.publicKey : this.key.publicKeys.get(id);
    if (key === undefined) throw invalidToken();
    return key;
  }

  private recall(token: string): AccessTokenClaims | undefined {
    const claims = this.checked.get(token);
    if (claims === undefined || claims.expiresAt.getTime() > Date.now()) return claims;
    this.checked.delete(token);
    return undefined;
  }

  private remember(token: string, claims: AccessTokenClaims): AccessTokenClaims {
    this.checked.set(token, claims);
    const [oldest] = this.checked.keys();
    if (this.checked.size > REMEMBERED_TOKENS && oldest !== undefined) this.checked.delete(oldest);
    return claims;
  }

  private async read(token: string): Promise<AccessTokenClaims> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.keyOf(kid), {
        algorithms: ['EdDSA'],
        typ: TYPE,
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'iat', 'sub', 'jti', 'org', 'client_id', 'sid'],
      });
      const { sub, org, role, client_id: clientId, sid, iat, exp } = payload;
      if (!isUuid(sub) || !isUuid(org) || !isUuid(sid) || typeof clientId !== 'string') throw invalidToken();
      if (role !== null && !ROLES.includes(role as Role)) throw invalidToken();
      return this.remember(token, {
        principalId: sub as ServicePrincipalId,
        organizationId: org as OrganizationId,
        role: role as Role | null,
        clientId,
        secretId: sid,
        issuedAt: new Date(iat! * 1000),
        expiresAt: new Date(exp! * 1000),
      });
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw unauthenticated('token_expired', 'The access token has expired.');
      throw invalidToken();
    }
  }
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}

function invalidToken() {
  return unauthenticated('invalid_token', 'The access token is not valid here.');
}
