import { EXPLAIN_RULES, EXPLAIN_VERDICTS, JOB_STATES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/explain.ts. */
const uuidOrNull = { type: String, format: 'uuid', nullable: true } as const;
const textOrNull = { type: String, nullable: true } as const;
const timeOrNull = { type: String, format: 'date-time', nullable: true } as const;

export class AtMostCountDocument {
  @ApiProperty({ type: 'integer' }) count!: number;
  @ApiProperty({ description: 'true: there are more than `count`.' }) more!: boolean;
}

export class RunnerExplanationDocument {
  @ApiProperty({ format: 'uuid' }) runnerId!: string;
  @ApiProperty() runner!: string;
  @ApiProperty({ ...uuidOrNull, description: 'null: a record under which no process has ever connected.' })
  instanceId!: string | null;
  @ApiProperty(textOrNull) instance!: string | null;
  @ApiProperty() online!: boolean;
  @ApiProperty({ enum: EXPLAIN_RULES, nullable: true, description: 'null: it can take the job now.' })
  rule!: string | null;
  @ApiProperty({
    type: Boolean,
    nullable: true,
    description: 'Whether a fan-out makes a child for it; null: the job is not fanned out.',
  })
  getsChild!: boolean | null;
  @ApiProperty({ description: 'One plain sentence.' }) text!: string;
}

export class ExplainedFanOutDocument {
  @ApiProperty({ type: 'integer', description: 'How many children: one for each instance that matches.' })
  total!: number;
  @ApiProperty({ type: 'integer', nullable: true, description: 'How many may be unfinished at a time; null: all.' })
  batchSize!: number | null;
  @ApiProperty({
    type: [String],
    description: 'Instances that match but are offline or draining, and are left out: as `runner/instance`.',
  })
  skipped!: string[];
}

export class RuleCountDocument {
  @ApiProperty({ enum: EXPLAIN_RULES }) rule!: string;
  @ApiProperty({ type: 'integer' }) count!: number;
}

export class ExplainedPauseDocument {
  @ApiProperty({ enum: ['server', 'organization', 'lane', 'runner'] }) target!: string;
  @ApiProperty(textOrNull) runner!: string | null;
  @ApiProperty() note!: string;
  @ApiProperty({ ...textOrNull, description: 'null for the maintenance of the whole server.' }) who!: string | null;
  @ApiProperty({ format: 'date-time' }) since!: string;
}

export class GroupMemberDocument {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: JOB_STATES }) state!: string;
}

export class ExplainedGroupDocument {
  @ApiProperty() key!: string;
  @ApiProperty({ type: 'integer' }) limit!: number;
  @ApiProperty({ type: () => AtMostCountDocument }) active!: AtMostCountDocument;
  @ApiProperty({ type: () => [GroupMemberDocument], description: 'The oldest of these.' })
  heldBy!: GroupMemberDocument[];
}

export class ExplainedQuotaDocument {
  @ApiProperty({ type: 'integer' }) limit!: number;
  @ApiProperty({ type: 'integer' }) used!: number;
}

export class ExplainedClaimDocument {
  @ApiProperty({ format: 'uuid' }) runnerId!: string;
  @ApiProperty() runner!: string;
  @ApiProperty({ format: 'uuid' }) instanceId!: string;
  @ApiProperty() instance!: string;
}

export class JobExplanationDocument {
  @ApiProperty({ ...uuidOrNull, description: 'null: nothing was submitted.' }) jobId!: string | null;
  @ApiProperty({ enum: JOB_STATES, nullable: true }) state!: string | null;
  @ApiProperty({ enum: EXPLAIN_VERDICTS }) verdict!: string;
  @ApiProperty({ description: 'One plain sentence, two at most.' }) summary!: string;
  @ApiProperty({ description: 'Jobs with the same requirements share it.' }) lane!: string;
  @ApiProperty({ type: () => AtMostCountDocument, nullable: true, description: 'Jobs that go first.' })
  queue!: AtMostCountDocument | null;
  @ApiProperty({ type: () => ExplainedClaimDocument, nullable: true }) claimedBy!: ExplainedClaimDocument | null;
  @ApiProperty({ type: () => [RunnerExplanationDocument], description: 'The most useful first, at most 200.' })
  runners!: RunnerExplanationDocument[];
  @ApiProperty({ type: () => [RuleCountDocument], description: 'Over all of them, listed or not.' })
  rules!: RuleCountDocument[];
  @ApiProperty({ type: 'integer' }) canTakeNow!: number;
  @ApiProperty({ type: 'integer' }) notListed!: number;
  @ApiProperty({
    type: () => ExplainedFanOutDocument,
    nullable: true,
    description: 'What a fan-out makes, or would make if it was submitted now; null: it is not fanned out.',
  })
  fanOut!: ExplainedFanOutDocument | null;
  @ApiProperty({ type: () => [ExplainedPauseDocument] }) pauses!: ExplainedPauseDocument[];
  @ApiProperty({ type: () => ExplainedGroupDocument, nullable: true }) concurrency!: ExplainedGroupDocument | null;
  @ApiProperty({ type: () => ExplainedQuotaDocument, nullable: true }) quota!: ExplainedQuotaDocument | null;
  @ApiProperty({ ...timeOrNull, description: 'The end of the pause before another try.' }) wakeAt!: string | null;
  @ApiProperty({ ...timeOrNull, description: 'It expires if nobody takes it until then.' })
  queueExpiresAt!: string | null;
}
