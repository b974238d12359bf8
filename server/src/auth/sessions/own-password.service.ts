import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ChangePasswordBody, UserId } from '@dibs/shared';
import { badRequest, forbidden } from '../../platform/errors.js';
import { TIMING_SETTINGS } from '../../platform/settings.js';
import type { TimingSettings } from '../../platform/settings.js';
import { AuditLog, by } from '../audit/audit-log.js';
import type { Caller } from '../caller.js';
import { FailureLimiter } from '../credentials/failure-limiter.js';
import { hashGenerated } from '../credentials/generated-secret.js';
import { PasswordHasher } from '../credentials/password-hasher.js';
import { UserEntity } from '../users/user.entity.js';

/** People change their own password, whatever their role. */
@Injectable()
export class OwnPasswordService {
  /** Whoever finds an open browser must not guess the password behind it. */
  private readonly failures: FailureLimiter;

  constructor(
    private readonly dataSource: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly audit: AuditLog,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
  ) {
    this.failures = new FailureLimiter(timing.lockoutMs);
  }

  /**
   * Ends all sessions of the user but the one it was asked in.
   *
   * @param session token of that one
   * @throws AppError 403 for a machine, 400 `wrong_password`, 429
   */
  async change(caller: Caller, body: ChangePasswordBody, session: string | null, ip: string): Promise<void> {
    if (caller.kind !== 'user') throw forbidden('Only users have a password; service principals rotate their secret.');
    const proven = await this.failures.guard(ip, caller.id, () => this.prove(caller, body.currentPassword));
    if (proven === null) {
      const message = 'is not your current password';
      throw badRequest('wrong_password', 'The current password is wrong.', [{ path: 'currentPassword', message }]);
    }
    const passwordHash = await this.hasher.hash(body.newPassword);
    await this.dataSource.transaction(async (manager) => {
      await manager.update(UserEntity, { id: caller.id as UserId }, { passwordHash });
      await manager.query('DELETE FROM user_sessions WHERE user_id = $1 AND token_hash IS DISTINCT FROM $2', [
        caller.id,
        session === null ? null : hashGenerated(session),
      ]);
      await this.audit.write(manager, { ...by(caller), action: 'user.password_changed', target: caller.id });
    });
  }

  private async prove(caller: Caller, password: string): Promise<true | null> {
    const user = await this.dataSource.manager.findOneByOrFail(UserEntity, { id: caller.id as UserId });
    return (await this.hasher.verify(password, user.passwordHash)) ? true : null;
  }
}
