import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import type { OrganizationId } from '@dibs/shared';

@Entity('audit_events')
export class AuditEventEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: number;

  @Column('uuid', { name: 'organization_id' })
  organizationId!: OrganizationId;

  @Column({ type: 'timestamptz', insert: false })
  at!: Date;

  @Column('text', { name: 'actor_kind' })
  actorKind!: string;

  @Column('text', { name: 'actor_id' })
  actorId!: string;

  @Column('text')
  action!: string;

  @Column('text')
  target!: string;

  @Column('jsonb')
  data!: Record<string, unknown>;
}
