import { JOB_REASONS, LANE_STANDINGS, OVERVIEW_ALERTS } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';
import { AtMostCountDocument } from '../../explain/dto/explanation.document.js';

/** What the answer looks like, for OpenAPI only: the types themselves are in shared/src/rest/overview.ts. */
const uuidOrNull = { type: String, format: 'uuid', nullable: true } as const;

export class WaitPercentilesDocument {
  @ApiProperty({ description: 'Milliseconds from queued to claimed.' }) p50Ms!: number;
  @ApiProperty() p95Ms!: number;
  @ApiProperty() p99Ms!: number;
}

export class WaitingForDocument {
  @ApiProperty({ enum: Object.keys(JOB_REASONS) }) reason!: string;
  @ApiProperty({ description: '`reason` in words.' }) text!: string;
  @ApiProperty({ type: AtMostCountDocument }) count!: AtMostCountDocument;
}

export class OverviewLaneDocument {
  @ApiProperty() lane!: string;
  @ApiProperty({ description: 'What the jobs demand of a runner, in words.' }) demands!: string;
  @ApiProperty({ type: AtMostCountDocument }) queued!: AtMostCountDocument;
  @ApiProperty({ format: 'date-time' }) queuedSince!: string;
  @ApiProperty({ format: 'uuid', description: 'One of them: its page tells why it waits.' }) jobId!: string;
  @ApiProperty({ enum: LANE_STANDINGS }) standing!: string;
  @ApiProperty({ description: 'One plain sentence.' }) text!: string;
}

export class RunnerCountsDocument {
  @ApiProperty({ type: 'integer' }) idle!: number;
  @ApiProperty({ type: 'integer' }) busy!: number;
  @ApiProperty({ type: 'integer' }) draining!: number;
  @ApiProperty({ type: 'integer' }) offline!: number;
  @ApiProperty({ type: 'integer', description: 'Of those that are idle or busy.' }) slots!: number;
  @ApiProperty({ type: 'integer' }) usedSlots!: number;
}

class ActivityDocument {
  @ApiProperty({ type: 'integer' }) claims!: number;
  @ApiProperty({ type: 'integer' }) succeeded!: number;
  @ApiProperty({ type: 'integer', description: 'Failed, timed out, lost or expired.' }) failed!: number;
  @ApiProperty({ type: 'integer' }) canceled!: number;
  @ApiProperty({ type: WaitPercentilesDocument, nullable: true, description: 'null: nothing was claimed.' })
  wait!: WaitPercentilesDocument | null;
}

export class LastHourDocument extends ActivityDocument {
  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Succeeded jobs among those that succeeded or failed, 0 to 1; null: none did.',
  })
  successRate!: number | null;
}

export class OverviewMinuteDocument extends ActivityDocument {
  @ApiProperty({ format: 'date-time' }) from!: string;
}

export class OverviewAlertDocument {
  @ApiProperty({ enum: OVERVIEW_ALERTS }) code!: string;
  @ApiProperty({ description: 'One plain sentence.' }) text!: string;
  @ApiProperty({ ...uuidOrNull, description: 'The job whose page tells more.' }) jobId!: string | null;
  @ApiProperty(uuidOrNull) runnerId!: string | null;
  @ApiProperty(uuidOrNull) instanceId!: string | null;
}

export class OverviewDocument {
  @ApiProperty({ format: 'date-time' }) at!: string;
  @ApiProperty({ type: AtMostCountDocument }) queued!: AtMostCountDocument;
  @ApiProperty({ type: AtMostCountDocument, description: 'Claimed or running.' }) running!: AtMostCountDocument;
  @ApiProperty({ type: AtMostCountDocument, description: 'Not in the queue yet.' }) waiting!: AtMostCountDocument;
  @ApiProperty({ type: [WaitingForDocument] }) waitingFor!: WaitingForDocument[];
  @ApiProperty({ type: [OverviewLaneDocument], description: 'At most 20, most jobs first.' })
  lanes!: OverviewLaneDocument[];
  @ApiProperty({ type: 'integer' }) lanesNotListed!: number;
  @ApiProperty({ type: RunnerCountsDocument }) runners!: RunnerCountsDocument;
  @ApiProperty({ description: 'Over the last minute.' }) claimsPerSecond!: number;
  @ApiProperty({ type: LastHourDocument }) lastHour!: LastHourDocument;
  @ApiProperty({ type: [OverviewMinuteDocument], description: 'The last 60, the oldest first.' })
  minutes!: OverviewMinuteDocument[];
  @ApiProperty({ type: [OverviewAlertDocument], description: 'The most urgent first.' })
  alerts!: OverviewAlertDocument[];
}
