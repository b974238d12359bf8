import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import type { AuditAction, OrganizationId, UserId } from '@dibs/shared';
import { OrganizationEntity } from '../organizations/organization.entity.js';
import { BOOTSTRAP_SETTINGS } from '../platform/settings.js';
import type { BootstrapSettings } from '../platform/settings.js';
import { StartupError } from '../platform/startup-error.js';
import { uuidv7 } from '../platform/uuid.js';
import { AuditLog } from './audit/audit-log.js';
import { PasswordHasher } from './credentials/password-hasher.js';
import { replaceSecret } from './principals/principal.writer.js';
import { ServicePrincipalEntity } from './principals/service-principal.entity.js';
import { ServicePrincipalSecretEntity } from './principals/service-principal-secret.entity.js';
import { UserEntity } from './users/user.entity.js';

/** Any number, the same in every server: they start at the same time and must not make things twice. */
const BOOTSTRAP_LOCK = 6_144_927_702;
const SECRET_LABEL = 'bootstrap';

/** Makes sure that what the environment promises is there: the organization, its first client, its first user. */
@Injectable()
export class BootstrapService implements OnModuleInit {
  private readonly logger = new Logger(BootstrapService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly audit: AuditLog,
    @Inject(BOOTSTRAP_SETTINGS) private readonly settings: BootstrapSettings,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [BOOTSTRAP_LOCK]);
      const organizationId = await ensureOrganization(manager);
      if (this.settings.client !== null) await this.ensureClient(manager, organizationId, this.settings.client);
      if (this.settings.admin !== null) await this.ensureAdmin(manager, organizationId, this.settings.admin);
    });
  }

  private async ensureClient(
    manager: EntityManager,
    organizationId: OrganizationId,
    client: NonNullable<BootstrapSettings['client']>,
  ): Promise<void> {
    const found = await manager.findOneBy(ServicePrincipalEntity, { clientId: client.id });
    if (found !== null && found.organizationId !== organizationId) {
      throw new StartupError('DIBS_BOOTSTRAP_CLIENT_ID: belongs to another organization');
    }
    const principal = found ?? (await insertClient(manager, organizationId, client.id));
    if (found === null) await this.tell(manager, organizationId, 'service_principal.created', principal.id);
    if (principal.role !== 'owner' || principal.disabledAt !== null) {
      Object.assign(principal, { role: 'owner', disabledAt: null });
      await manager.save(principal);
      await this.tell(manager, organizationId, 'service_principal.updated', principal.id);
    }
    const secret = await manager.findOneBy(ServicePrincipalSecretEntity, {
      servicePrincipalId: principal.id,
      label: SECRET_LABEL,
    });
    if (secret !== null && (await this.hasher.verify(client.secret, secret.secretHash))) return;
    await replaceSecret(manager, principal, SECRET_LABEL, await this.hasher.hash(client.secret));
    await this.tell(manager, organizationId, 'service_principal.secret_rotated', principal.id);
    this.logger.log({ servicePrincipalId: principal.id }, 'bootstrap client is set up');
  }

  private async ensureAdmin(
    manager: EntityManager,
    organizationId: OrganizationId,
    admin: NonNullable<BootstrapSettings['admin']>,
  ): Promise<void> {
    const found = await manager
      .createQueryBuilder(UserEntity, 'u')
      .where('lower(u.email) = lower(:email)', { email: admin.email })
      .getOne();
    if (found !== null && found.organizationId !== organizationId) {
      throw new StartupError('DIBS_ADMIN_EMAIL: belongs to another organization');
    }
    if (found === null) {
      const id = uuidv7() as UserId;
      const passwordHash = await this.hasher.hash(admin.password);
      await manager.insert(UserEntity, { id, organizationId, email: admin.email, passwordHash, role: 'owner' });
      await this.tell(manager, organizationId, 'user.created', id);
      return;
    }
    const passwordIsRight = await this.hasher.verify(admin.password, found.passwordHash);
    if (passwordIsRight && found.role === 'owner' && found.disabledAt === null) return;
    if (!passwordIsRight) {
      found.passwordHash = await this.hasher.hash(admin.password);
      await manager.query('DELETE FROM user_sessions WHERE user_id = $1', [found.id]);
    }
    Object.assign(found, { role: 'owner', disabledAt: null });
    await manager.save(found);
    await this.tell(manager, organizationId, 'user.updated', found.id);
  }

  private tell(manager: EntityManager, organizationId: OrganizationId, action: AuditAction, target: string) {
    return this.audit.write(manager, { organizationId, actorKind: 'system', actorId: 'bootstrap', action, target });
  }
}

/** Made at the first start; its owners operate the installation. It may be called anything since. */
async function ensureOrganization(manager: EntityManager): Promise<OrganizationId> {
  const found = await manager.findOneBy(OrganizationEntity, { isDefault: true });
  if (found !== null) return found.id;
  const id = uuidv7() as OrganizationId;
  await manager.insert(OrganizationEntity, { id, name: 'default', isDefault: true });
  return id;
}

async function insertClient(
  manager: EntityManager,
  organizationId: OrganizationId,
  clientId: string,
): Promise<ServicePrincipalEntity> {
  const id = uuidv7() as ServicePrincipalEntity['id'];
  // names that callers choose hold no colon, so this one cannot be taken
  const name = `bootstrap:${clientId}`;
  await manager.insert(ServicePrincipalEntity, { id, organizationId, clientId, name, role: 'owner' });
  return manager.findOneByOrFail(ServicePrincipalEntity, { id });
}
