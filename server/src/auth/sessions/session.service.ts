import { Inject, Injectable } from '@nestjs/common';
import type { OrganizationId, Role } from '@dibs/shared';
import { Database } from '../../database/database.js';
import { permissionsOf } from '../../domain/access/permissions.js';
import { unauthenticated } from '../../platform/errors.js';
import { TIMING_SETTINGS } from '../../platform/settings.js';
import type { TimingSettings } from '../../platform/settings.js';
import { uuidv7 } from '../../platform/uuid.js';
import { AuditLog, by } from '../audit/audit-log.js';
import type { Caller } from '../caller.js';
import { FailureLimiter } from '../credentials/failure-limiter.js';
import { generateSecret, hashGenerated } from '../credentials/generated-secret.js';
import { PasswordHasher } from '../credentials/password-hasher.js';
import { END_SESSION, START_SESSION, USER_BY_EMAIL, USER_OF_SESSION } from './session.sql.js';
import type { UserRow } from './session.sql.js';

const SESSION_LIFETIME_SECONDS = 24 * 60 * 60;

export interface StartedSession {
  readonly caller: Caller;
  readonly token: string;
  readonly expiresAt: Date;
}

/** Sessions of people in the dashboard. Looked up with every request, so that signing out counts at once everywhere. */
@Injectable()
export class SessionService {
  private readonly failures: FailureLimiter;

  constructor(
    private readonly database: Database,
    private readonly hasher: PasswordHasher,
    private readonly audit: AuditLog,
    @Inject(TIMING_SETTINGS) timing: TimingSettings,
  ) {
    this.failures = new FailureLimiter(timing.lockoutMs);
  }

  /** @throws AppError 401 `wrong_credentials`, the same for an unknown user; 429 */
  async signIn(email: string, password: string, ip: string): Promise<StartedSession> {
    const user = await this.failures.guard(ip, email.toLowerCase(), () => this.prove(email, password));
    if (user === null) throw unauthenticated('wrong_credentials', 'Unknown user or wrong password.');
    const caller = callerOf(user);
    const token = generateSecret();
    const values = [uuidv7(), user.organizationId, user.id, hashGenerated(token), SESSION_LIFETIME_SECONDS];
    const [session] = await this.database.query<{ expiresAt: Date }>(START_SESSION, values);
    await this.audit.record({ ...by(caller), action: 'session.created', target: user.id });
    return { caller, token, expiresAt: session!.expiresAt };
  }

  async callerOf(token: string): Promise<Caller | null> {
    const [user] = await this.database.query<UserRow>(USER_OF_SESSION, [hashGenerated(token)]);
    return user === undefined ? null : callerOf(user);
  }

  async signOut(token: string, caller: Caller): Promise<void> {
    const ended = await this.database.query(END_SESSION, [hashGenerated(token)]);
    if (ended.length > 0) await this.audit.record({ ...by(caller), action: 'session.ended', target: caller.id });
  }

  private async prove(email: string, password: string): Promise<UserRow | null> {
    const [user] = await this.database.query<UserRow & { passwordHash: string }>(USER_BY_EMAIL, [email]);
    const right = await this.hasher.verify(password, user?.passwordHash ?? null);
    return right && user !== undefined ? user : null;
  }
}

function callerOf(user: UserRow): Caller {
  const role = user.role as Role;
  return {
    organizationId: user.organizationId as OrganizationId,
    kind: 'user',
    id: user.id,
    name: user.email,
    role,
    permissions: permissionsOf(role),
  };
}
