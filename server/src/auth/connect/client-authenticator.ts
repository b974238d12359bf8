import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { TIMING_SETTINGS } from '../../platform/settings.js';
import type { TimingSettings } from '../../platform/settings.js';
import { FailureLimiter } from '../credentials/failure-limiter.js';
import { matchesGenerated } from '../credentials/generated-secret.js';
import { PasswordHasher } from '../credentials/password-hasher.js';
import { PRINCIPAL_BY_CLIENT } from '../principals/principal.sql.js';
import type { PrincipalSecretRow } from '../principals/principal.sql.js';
import type { ClientCredentials, TokenRequest } from './token-request.js';

/** Proves client id and secret. */
@Injectable()
export class ClientAuthenticator {
  private readonly failures: FailureLimiter;

  constructor(
    private readonly database: Database,
    private readonly hasher: PasswordHasher,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
  ) {
    this.failures = new FailureLimiter(timing.lockoutMs);
  }

  /**
   * A right generated secret always gets through, also from a locked-out address: its 256 random bits cannot be
   * guessed, so the lock-out has nothing to protect there, and runners behind one NAT with a guesser keep working.
   * Everything else costs one slow hash for each meaning the request can have, so that time does not tell whether the
   * client exists.
   *
   * @returns the secret's row; null: unknown client or wrong secret
   * @throws AppError 429
   */
  async authenticate(request: TokenRequest, ip: string): Promise<PrincipalSecretRow | null> {
    const meanings = request.verbatim === undefined ? [request] : [request, request.verbatim];
    const rows = await Promise.all(meanings.map((meaning) => this.load(meaning)));
    for (const [index, { clientSecret }] of meanings.entries()) {
      const generated = rows[index]?.find((row) => matchesGenerated(clientSecret, row.secretHash));
      if (generated !== undefined) return generated;
    }
    return this.failures.guard(ip, request.clientId, async () => {
      let proven: PrincipalSecretRow | null = null;
      for (const [index, { clientSecret }] of meanings.entries()) {
        const chosen = rows[index]?.find((row) => row.secretHash.startsWith('scrypt:')) ?? null;
        const right = await this.hasher.verify(clientSecret, chosen?.secretHash ?? null);
        if (right) proven ??= chosen;
      }
      return proven;
    });
  }

  private load({ clientId }: ClientCredentials): Promise<PrincipalSecretRow[]> {
    return this.database.query<PrincipalSecretRow>(PRINCIPAL_BY_CLIENT, [clientId]);
  }
}
