import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, IsNull, LessThan, Repository } from 'typeorm';
import type { EntityManager } from 'typeorm';
import type { OrganizationId, Page, UserId, UserView } from '@dibs/shared';
import { isUniqueViolation } from '../../database/database-errors.js';
import { conflict, notFound } from '../../platform/errors.js';
import { decodeCursor, toPage } from '../../platform/page.js';
import type { PageQuery } from '../../platform/page.js';
import { uuidv7 } from '../../platform/uuid.js';
import { AuditLog, by } from '../audit/audit-log.js';
import type { Caller } from '../caller.js';
import { PasswordHasher } from '../credentials/password-hasher.js';
import { demandMayGrant } from '../grant.js';
import type { CreateUserDto, UpdateUserDto } from './user.dto.js';
import { UserEntity } from './user.entity.js';

@Injectable()
export class UserService {
  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(UserEntity) private readonly users: Repository<UserEntity>,
    private readonly hasher: PasswordHasher,
    private readonly audit: AuditLog,
  ) {}

  async list(organizationId: OrganizationId, query: PageQuery): Promise<Page<UserView>> {
    const before = decodeCursor(query.cursor) as UserId | null;
    const rows = await this.users.find({
      where: { organizationId, ...(before === null ? {} : { id: LessThan(before) }) },
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    return toPage(rows, query.limit, (row) => row.id, view);
  }

  async get(organizationId: OrganizationId, id: string): Promise<UserView> {
    const user = await this.users.findOneBy({ organizationId, id: id as UserId });
    if (user === null) throw notFound('user');
    return view(user);
  }

  async create(caller: Caller, body: CreateUserDto): Promise<UserView> {
    demandMayGrant(caller, body.role);
    const passwordHash = await this.hasher.hash(body.password);
    const id = uuidv7() as UserId;
    const { organizationId } = caller;
    try {
      return await this.dataSource.transaction(async (manager) => {
        await manager.insert(UserEntity, { id, organizationId, email: body.email, passwordHash, role: body.role });
        const data = { email: body.email, role: body.role };
        await this.audit.write(manager, { ...by(caller), action: 'user.created', target: id, data });
        return view(await manager.findOneByOrFail(UserEntity, { id }));
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw conflict('email_taken', 'This e-mail address cannot be used.');
      throw error;
    }
  }

  async update(caller: Caller, id: string, body: UpdateUserDto): Promise<UserView> {
    const passwordHash = body.password === undefined ? undefined : await this.hasher.hash(body.password);
    const { organizationId } = caller;
    return this.dataSource.transaction(async (manager) => {
      // one change of users at a time: else two owners could remove each other at the same moment
      await manager.query('SELECT 1 FROM organizations WHERE id = $1 FOR UPDATE', [organizationId]);
      const user = await manager.findOneBy(UserEntity, { organizationId, id: id as UserId });
      if (user === null) throw notFound('user');
      demandMayGrant(caller, user.role, body.role ?? null);

      const wasOwner = isActiveOwner(user);
      if (body.role !== undefined) user.role = body.role;
      if (body.disabled !== undefined) user.disabledAt = body.disabled ? (user.disabledAt ?? new Date()) : null;
      if (passwordHash !== undefined) user.passwordHash = passwordHash;
      await manager.save(user);
      if (wasOwner && !isActiveOwner(user)) await demandAnOwner(manager, organizationId);
      if (user.disabledAt !== null || passwordHash !== undefined) {
        await manager.query('DELETE FROM user_sessions WHERE user_id = $1', [user.id]);
      }
      const data = { role: body.role, disabled: body.disabled, passwordChanged: passwordHash !== undefined };
      await this.audit.write(manager, { ...by(caller), action: 'user.updated', target: id, data });
      return view(user);
    });
  }
}

/** Without one nobody could ever make another owner. */
async function demandAnOwner(manager: EntityManager, organizationId: OrganizationId): Promise<void> {
  const owners = await manager.countBy(UserEntity, { organizationId, role: 'owner', disabledAt: IsNull() });
  if (owners === 0) throw conflict('last_owner', 'An organization keeps at least one enabled owner.');
}

function isActiveOwner(user: UserEntity): boolean {
  return user.role === 'owner' && user.disabledAt === null;
}

function view(user: UserEntity): UserView {
  return {
    id: user.id,
    email: user.email,
    role: user.role,
    disabled: user.disabledAt !== null,
    createdAt: user.createdAt.toISOString(),
  };
}
