import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { DataSource, IsNull, LessThan, Repository } from 'typeorm';
import type { ApiTokenCreated, ApiTokenId, ApiTokenView, OrganizationId, Page } from '@dibs/shared';
import { notFound } from '../../platform/errors.js';
import { decodeCursor, toPage } from '../../platform/page.js';
import type { PageQuery } from '../../platform/page.js';
import { uuidv7 } from '../../platform/uuid.js';
import { AuditLog, by } from '../audit/audit-log.js';
import type { Caller } from '../caller.js';
import { generateSecret, hashGenerated } from '../credentials/generated-secret.js';
import { demandMayGrant } from '../grant.js';
import { API_TOKEN_PREFIX, ApiTokenAuthenticator } from './api-token.authenticator.js';
import type { CreateApiTokenDto } from './api-token.dto.js';
import { ApiTokenEntity } from './api-token.entity.js';

/** Enough to recognise a token by, far too little to guess the rest. */
const SHOWN_CHARACTERS = API_TOKEN_PREFIX.length + 6;

@Injectable()
export class ApiTokenService {
  constructor(
    private readonly dataSource: DataSource,
    @InjectRepository(ApiTokenEntity) private readonly rows: Repository<ApiTokenEntity>,
    private readonly authenticator: ApiTokenAuthenticator,
    private readonly audit: AuditLog,
  ) {}

  /** Those that were not revoked. */
  async list(organizationId: OrganizationId, query: PageQuery): Promise<Page<ApiTokenView>> {
    const before = decodeCursor(query.cursor) as ApiTokenId | null;
    const rows = await this.rows.find({
      where: { organizationId, revokedAt: IsNull(), ...(before === null ? {} : { id: LessThan(before) }) },
      order: { id: 'DESC' },
      take: query.limit + 1,
    });
    return toPage(rows, query.limit, (row) => row.id, view);
  }

  async create(caller: Caller, body: CreateApiTokenDto): Promise<ApiTokenCreated> {
    demandMayGrant(caller, body.role);
    const token = generateSecret(API_TOKEN_PREFIX);
    const id = uuidv7() as ApiTokenId;
    const lifetimeSeconds = body.expiresInSeconds ?? null;
    return this.dataSource.transaction(async (manager) => {
      await manager.query(
        `INSERT INTO api_tokens (id, organization_id, name, role, prefix, token_hash, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))`,
        [
          id,
          caller.organizationId,
          body.name,
          body.role,
          token.slice(0, SHOWN_CHARACTERS),
          hashGenerated(token),
          lifetimeSeconds,
        ],
      );
      const data = { name: body.name, role: body.role };
      await this.audit.write(manager, { ...by(caller), action: 'api_token.created', target: id, data });
      return { ...view(await manager.findOneByOrFail(ApiTokenEntity, { id })), token };
    });
  }

  async revoke(caller: Caller, id: string): Promise<void> {
    const { organizationId } = caller;
    const tokenHash = await this.dataSource.transaction(async (manager) => {
      const row = await manager.findOne(ApiTokenEntity, {
        where: { organizationId, id: id as ApiTokenId, revokedAt: IsNull() },
        lock: { mode: 'pessimistic_write' },
      });
      if (row === null) throw notFound('API token');
      demandMayGrant(caller, row.role);
      row.revokedAt = new Date();
      await manager.save(row);
      await this.audit.write(manager, { ...by(caller), action: 'api_token.revoked', target: id });
      return row.tokenHash;
    });
    this.authenticator.forget(tokenHash);
  }
}

function view(row: ApiTokenEntity): ApiTokenView {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    prefix: row.prefix,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}
