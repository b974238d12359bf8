import { APPROVAL_RULES, JOB_REASONS, RUN_OPERATIONS, RUN_STATES, RUN_TRIGGERS } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { HierarchyScopeDocument } from '../../modules/dto/hierarchy.document.js';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/module-runs.ts. */
export class PlanSummaryDocument {
  @ApiProperty({ type: 'integer' }) add!: number;
  @ApiProperty({ type: 'integer' }) change!: number;
  @ApiProperty({ type: 'integer', description: 'Replaced ones count here and in `add`.' }) destroy!: number;
  @ApiProperty({ description: 'Also when nothing but outputs would change.' }) hasChanges!: boolean;
  @ApiProperty({ description: "Of the plan's bytes." }) sha256!: string;
}

export class RunApprovalDocument {
  @ApiProperty({ enum: APPROVAL_RULES }) rule!: string;
  @ApiProperty({ format: 'date-time' }) expiresAt!: string;
  @ApiProperty({ type: String, enum: ['approved', 'rejected'], nullable: true }) decision!: string | null;
  @ApiProperty({ type: String, nullable: true }) decidedBy!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) decidedAt!: string | null;
  @ApiProperty({ type: String, nullable: true }) comment!: string | null;
}

export class StateLockDocument {
  @ApiProperty({ enum: ['released', 'held'] }) state!: string;
  @ApiPropertyOptional({ description: 'Of one that is held.' }) id?: string;
  @ApiPropertyOptional({ type: String, nullable: true, description: 'Of one that is held.' }) who?: string | null;
}

export class ModuleRunDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid' }) moduleId!: string;
  @ApiProperty({ example: 'prod/network/vpc' }) path!: string;
  @ApiProperty({ type: () => HierarchyScopeDocument }) scope!: HierarchyScopeDocument;
  @ApiProperty({ enum: RUN_OPERATIONS }) operation!: string;
  @ApiProperty({ enum: RUN_STATES }) state!: string;
  @ApiProperty({
    type: String,
    enum: Object.keys(JOB_REASONS),
    nullable: true,
    description: 'Of the job that decided the state; null: no job did.',
  })
  reason!: string | null;
  @ApiProperty({ enum: RUN_TRIGGERS }) trigger!: string;
  @ApiProperty({ format: 'uuid', description: 'The job that plans, or the only one.' }) firstJobId!: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The job that carries the plan out.' })
  applyJobId!: string | null;
  @ApiProperty({ type: () => PlanSummaryDocument, nullable: true }) plan!: PlanSummaryDocument | null;
  @ApiProperty({
    type: () => RunApprovalDocument,
    nullable: true,
    description: 'null: none was asked for, or there is no plan yet.',
  })
  approval!: RunApprovalDocument | null;
  @ApiProperty({ type: () => StateLockDocument, nullable: true, description: 'As the last job of it told.' })
  stateLock!: StateLockDocument | null;
  @ApiProperty({ type: String, nullable: true, description: 'Of the configuration that was planned.' })
  commit!: string | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'A run that is not over then is still to be ended by the runner that works on it.',
  })
  cancelRequestedAt!: string | null;
  @ApiProperty() createdBy!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) endedAt!: string | null;
}

export class ModuleRunPageDocument {
  @ApiProperty({ type: () => [ModuleRunDocument] }) items!: ModuleRunDocument[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}
