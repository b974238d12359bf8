import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrganizationId, Role, UserId } from '@dibs/shared';

@Entity('users')
export class UserEntity {
  @PrimaryColumn('uuid')
  id!: UserId;

  @Column('uuid', { name: 'organization_id' })
  organizationId!: OrganizationId;

  @Column('text')
  email!: string;

  @Column('text', { name: 'password_hash' })
  passwordHash!: string;

  @Column('text')
  role!: Role;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt!: Date | null;

  @Column({ type: 'timestamptz', name: 'created_at', insert: false, update: false })
  createdAt!: Date;
}
