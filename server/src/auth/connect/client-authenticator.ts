import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../database/database.js';
import { TIMING_SETTINGS } from '../../platform/settings.js';
import type { TimingSettings } from '../../platform/settings.js';
import { FailureLimiter } from '../credentials/failure-limiter.js';
import { matchesGenerated } from '../credentials/generated-secret.js';
import { PasswordHasher } from '../credentials/password-hasher.js';
import { PRINCIPAL_BY_CLIENT } from '../principals/principal.sql.js';
import type { PrincipalSecretRow } from '../principals/principal.sql.js';

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
   * Everything else costs exactly one slow hash, so that time does not tell whether the client exists.
   *
   * @returns the secret's row; null: unknown client or wrong secret
   * @throws AppError 429
   */
  async authenticate(clientId: string, secret: string, ip: string): Promise<PrincipalSecretRow | null> {
    const rows = await this.database.query<PrincipalSecretRow>(PRINCIPAL_BY_CLIENT, [clientId]);
    const generated = rows.find((row) => matchesGenerated(secret, row.secretHash));
    if (generated !== undefined) return generated;

    const chosen = rows.find((row) => row.secretHash.startsWith('scrypt:')) ?? null;
    return this.failures.guard(ip, clientId, async () => {
      const right = await this.hasher.verify(secret, chosen?.secretHash ?? null);
      return right ? chosen : null;
    });
  }
}
