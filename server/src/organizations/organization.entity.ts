import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganizationId } from '@dibs/shared';

@Entity('organizations')
export class OrganizationEntity {
  @PrimaryColumn('uuid')
  id!: OrganizationId;

  @Column('text')
  name!: string;
}
