import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Me } from '@dibs/shared';
import { OrganizationEntity } from '../../organizations/organization.entity.js';
import type { Caller } from '../caller.js';

@Injectable()
export class MeService {
  constructor(@InjectRepository(OrganizationEntity) private readonly organizations: Repository<OrganizationEntity>) {}

  async of(caller: Caller): Promise<Me> {
    const { id, name } = await this.organizations.findOneByOrFail({ id: caller.organizationId });
    const { kind, role, permissions } = caller;
    return { kind, id: caller.id, name: caller.name, role, permissions, organization: { id, name } };
  }
}
