import { CANCEL_MODES, JOB_EVENT_TYPES, JOB_REASONS, JOB_STATES, STEP_STATES } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/jobs.ts. */
const time = { type: String, format: 'date-time' } as const;
const timeOrNull = { ...time, nullable: true } as const;
const numberOrNull = { type: 'integer', nullable: true } as const;
const reasonOrNull = { enum: Object.keys(JOB_REASONS), nullable: true } as const;
const CLAIMED_BY = {
  type: 'object',
  nullable: true,
  properties: {
    runnerId: { type: 'string', format: 'uuid' },
    runner: { type: 'string' },
    instanceId: { type: 'string', format: 'uuid' },
    instance: { type: 'string' },
  },
} as const;

/** shared/src/job/engine-spec.ts */
const ENGINE_RESULT = {
  type: 'object',
  properties: {
    plan: {
      type: 'object',
      nullable: true,
      properties: {
        add: { type: 'integer' },
        change: { type: 'integer' },
        destroy: { type: 'integer' },
        hasChanges: { type: 'boolean' },
        sha256: { type: 'string', description: "Of the plan's bytes." },
      },
    },
    stateLock: {
      type: 'object',
      nullable: true,
      description: 'What became of the lock of the state; null: the engine told nothing.',
      properties: {
        state: { type: 'string', enum: ['released', 'held'] },
        id: { type: 'string', description: 'Of `held` alone.' },
        who: { type: 'string', nullable: true, description: 'Of `held` alone.' },
      },
    },
  },
} as const;

export class JobSummaryView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: JOB_STATES }) state!: string;
  @ApiProperty(reasonOrNull) reason!: string | null;
  @ApiProperty({ type: String, nullable: true, description: '`reason` in words.' }) reasonText!: string | null;
  @ApiProperty({ type: 'integer' }) priority!: number;
  @ApiProperty({ type: 'integer', description: 'The current or last attempt; 0: never claimed.' }) attempt!: number;
  @ApiProperty(CLAIMED_BY) claimedBy!: object | null;
  @ApiProperty({
    type: 'object',
    nullable: true,
    properties: {
      mode: { type: 'string', enum: [...CANCEL_MODES] },
      requestedAt: { type: 'string', format: 'date-time' },
    },
  })
  cancel!: object | null;
  @ApiProperty(numberOrNull) exitCode!: number | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) retryOf!: string | null;
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The fan-out job it is a child of.' })
  parentId!: string | null;
  @ApiProperty({
    type: 'object',
    nullable: true,
    description: 'The instance that a child of a fan-out is for; null: it is no child.',
    properties: { runner: { type: 'string' }, instance: { type: 'string' } },
  })
  forInstance!: object | null;
  @ApiProperty() submittedBy!: string;
  @ApiProperty(time) createdAt!: string;
  @ApiProperty(timeOrNull) queuedAt!: string | null;
  @ApiProperty(timeOrNull) claimedAt!: string | null;
  @ApiProperty(timeOrNull) startedAt!: string | null;
  @ApiProperty(timeOrNull) finishedAt!: string | null;
}

export class JobPageView {
  @ApiProperty({ type: () => [JobSummaryView] }) items!: JobSummaryView[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

export class BulkOutcomeView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ description: 'true: `job` tells the rest. false: `status`, `code` and `detail` do.' }) ok!: boolean;
  @ApiPropertyOptional({ type: () => JobSummaryView, description: 'The canceled job, or the new one of a retry.' })
  job?: JobSummaryView;
  @ApiPropertyOptional({ type: 'integer', description: 'What the call for this one job would have answered.' })
  status?: number;
  @ApiPropertyOptional() code?: string;
  @ApiPropertyOptional() detail?: string;
}

export class BulkOutcomesView {
  @ApiProperty({ type: () => [BulkOutcomeView], description: 'In the order of `ids`.' }) items!: BulkOutcomeView[];
}

export class JobStepView {
  @ApiProperty({ type: 'integer' }) step!: number;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: STEP_STATES }) state!: string;
  @ApiProperty(numberOrNull) exitCode!: number | null;
  @ApiProperty({ type: String, nullable: true }) signal!: string | null;
  @ApiProperty(timeOrNull) startedAt!: string | null;
  @ApiProperty(timeOrNull) finishedAt!: string | null;
}

export class JobAttemptView {
  @ApiProperty({ type: 'integer' }) attempt!: number;
  @ApiProperty(CLAIMED_BY) claimedBy!: object;
  @ApiProperty({ type: String, nullable: true, description: 'null: still current.' }) outcome!: string | null;
  @ApiProperty(reasonOrNull) reason!: string | null;
  @ApiProperty(numberOrNull) exitCode!: number | null;
  @ApiProperty(time) claimedAt!: string;
  @ApiProperty(timeOrNull) finishedAt!: string | null;
  @ApiProperty({ type: 'integer', description: 'Last committed log line.' }) lastSeq!: number;
  @ApiProperty() logComplete!: boolean;
  @ApiProperty({ type: () => [JobStepView], description: 'All of the spec, whether it reached them or not.' })
  steps!: JobStepView[];
}

export class JobTimelineView {
  @ApiProperty(time) at!: string;
  @ApiProperty({ enum: JOB_EVENT_TYPES }) type!: string;
  @ApiProperty(numberOrNull) attempt!: number | null;
  @ApiProperty({ description: 'One plain sentence.' }) text!: string;
}

export class JobDetailView extends JobSummaryView {
  @ApiPropertyOptional({ format: 'uuid', description: 'The module run that it is a job of.' }) runId?: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'The submitted job with all defaults filled in.',
  })
  spec!: object;
  @ApiProperty({ description: 'Names what the job demands of an instance; can be paused.' }) lane!: string;
  @ApiProperty({
    type: 'object',
    nullable: true,
    description: 'Roll-up of a job that was fanned out.',
    properties: {
      total: { type: 'integer' },
      byState: { type: 'object', additionalProperties: { type: 'integer' } },
      batchSize: numberOrNull,
      skipped: { type: 'array', items: { type: 'string' } },
    },
  })
  children!: object | null;
  @ApiProperty({ type: [String], description: 'Names only; values are never returned.' }) secretNames!: string[];
  @ApiPropertyOptional({ description: 'Full id of the commit of the source, once the runner has told it.' })
  commit?: string;
  @ApiPropertyOptional({ ...ENGINE_RESULT, description: 'Of jobs of modules: what the engine found out.' })
  engine?: object;
  @ApiProperty({ type: () => [JobStepView], description: 'Of the current attempt.' }) steps!: JobStepView[];
  @ApiProperty({ type: () => [JobAttemptView] }) attempts!: JobAttemptView[];
  @ApiProperty({ type: () => [JobTimelineView] }) timeline!: JobTimelineView[];
}
