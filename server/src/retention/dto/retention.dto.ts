import { ApiProperty } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import type { RetentionRule, RetentionView } from '@dibs/shared';
import { IsWholeNumber } from '../../platform/validation-rules.js';

const MAX_DAYS = 3650;
const MAX_MIB = 1_000_000_000;

const orNull = ValidateIf((_: object, value: unknown) => value !== null);
const days = { type: 'integer', minimum: 1, maximum: MAX_DAYS, nullable: true } as const;

/** All four are given, so that nothing is removed because something was forgotten in a request. */
export class RetentionRuleDto implements RetentionRule {
  @ApiProperty({
    ...days,
    description:
      'Logs of jobs submitted so many days ago are removed, at most `DIBS_LOG_PARTITION_DAYS` later. null: kept for good.',
  })
  @orNull
  @IsWholeNumber(1, MAX_DAYS)
  logDays!: number | null;

  @ApiProperty({
    type: 'integer',
    minimum: 1,
    maximum: MAX_MIB,
    nullable: true,
    description: 'MiB of log text, before compression; beyond it the logs of the oldest jobs go. null: any number.',
  })
  @orNull
  @IsWholeNumber(1, MAX_MIB)
  logMib!: number | null;

  @ApiProperty({
    ...days,
    description:
      'Archived logs of jobs submitted so many days ago are removed from the archive, if the server has one. null: kept for good.',
  })
  @orNull
  @IsWholeNumber(1, MAX_DAYS)
  archiveDays!: number | null;

  @ApiProperty({
    ...days,
    description: 'Jobs that ended so many days ago are removed, with logs, receipts and events. null: kept for good.',
  })
  @orNull
  @IsWholeNumber(1, MAX_DAYS)
  jobDays!: number | null;
}

export class RetentionDto extends RetentionRuleDto implements RetentionView {
  @ApiProperty({ type: 'integer', description: 'Bytes of log text that are stored, before compression.' })
  logBytes!: number;

  @ApiProperty({ description: 'Whether the server copies logs to an archive before they are removed.' })
  hasArchive!: boolean;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'The logs of jobs submitted before are removed, or in the archive only. null: none are.',
  })
  logsRemovedBefore!: string | null;
}
