import { LOG_STREAMS } from '@dibs/shared';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** What the answers look like, for OpenAPI only: the types themselves are in shared/src/rest/logs.ts. */
const seq = (description: string) => ({ type: 'integer', minimum: 0, description }) as const;

export class CutStepDocument {
  @ApiProperty({ type: 'integer', minimum: -1 }) step!: number;
  @ApiProperty({ type: 'integer', minimum: 0 }) lines!: number;
  @ApiProperty({ type: 'integer', minimum: 0 }) bytes!: number;
}

export class LogGapDocument {
  @ApiProperty({ type: 'integer', nullable: true, description: 'null: not even their number is known.' })
  lines!: number | null;
  @ApiProperty({ enum: ['spool_lost', 'spool_full', 'limit'], description: '`limit`: the log was too long.' })
  reason!: string;
  @ApiPropertyOptional({ type: 'integer', description: '`limit`: bytes of these lines, with a line end each.' })
  bytes?: number;
  @ApiPropertyOptional({ type: 'integer', description: '`limit`: it stands for all numbers up to this one.' })
  lastSeq?: number;
  @ApiPropertyOptional({ type: () => [CutStepDocument], description: '`limit`: what was left out of each step.' })
  steps?: CutStepDocument[];
}

export class LogRowDocument {
  @ApiProperty({ type: 'integer', minimum: 1, description: 'From 1 without gaps per attempt; see `gap.lastSeq`.' })
  seq!: number;
  @ApiProperty({ format: 'date-time', description: "By the runner's clock." }) at!: string;
  @ApiProperty({ type: 'integer', minimum: -1, description: "-1: the runner's preparation." }) step!: number;
  @ApiProperty({ enum: LOG_STREAMS }) stream!: string;
  @ApiProperty({ description: 'As it was printed, escape sequences included.' }) text!: string;
  @ApiPropertyOptional({ enum: [true], description: 'The next line of this step and stream was drawn in its place.' })
  redrawn?: true;
  @ApiPropertyOptional({ type: () => LogGapDocument, description: 'Lines are missing here.' }) gap?: LogGapDocument;
}

class LogStandingDocument {
  @ApiProperty({ type: 'integer', description: '0: the job was never claimed.' }) attempt!: number;
  @ApiProperty(seq('Last line the server has.')) lastSeq!: number;
  @ApiProperty({ description: 'true: nothing will be added.' }) complete!: boolean;
}

export class LogPageDocument extends LogStandingDocument {
  @ApiProperty({ type: () => [LogRowDocument] }) items!: LogRowDocument[];
  @ApiProperty(seq('`after` of the request for the lines that follow.')) nextAfter!: number;
  @ApiProperty(seq('`before` of the request, with a `limit`, for the lines above.')) nextBefore!: number;
}

export class LogHitDocument {
  @ApiProperty({ type: () => LogRowDocument }) line!: LogRowDocument;
  @ApiProperty({ type: () => [LogRowDocument], description: 'Right above it.' }) before!: LogRowDocument[];
  @ApiProperty({ type: () => [LogRowDocument], description: 'Right below it.' }) after!: LogRowDocument[];
}

export class LogSearchPageDocument extends LogStandingDocument {
  @ApiProperty({ type: () => [LogHitDocument] }) items!: LogHitDocument[];
  @ApiProperty(seq('Lines that match, in the whole range, exactly.')) total!: number;
  @ApiProperty(seq('How many of them come before `items`.')) offset!: number;
  @ApiProperty({ type: 'integer', nullable: true, description: '`offset` for the next page; null: the last one.' })
  nextOffset!: number | null;
}
