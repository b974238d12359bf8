import { LOG_RECEIPT_STATUSES } from '@dibs/shared';
import { ApiProperty } from '@nestjs/swagger';
import { CutStepDocument } from './log.document.js';

/** For OpenAPI only: the types themselves are in shared/src/rest/logs.ts. */
class LogCountDocument {
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Gap records are not counted.' }) lines!: number;
  @ApiProperty({ type: 'integer', minimum: 0, description: 'Text in UTF-8 and one line end for each.' }) bytes!: number;
  @ApiProperty({ pattern: '^[0-9a-f]{64}$', description: 'Of `?step=K&format=text` as a whole.' }) sha256!: string;
}

class StepLogReceiptDocument {
  @ApiProperty({ type: 'integer', minimum: -1, description: "-1: the runner's preparation." }) step!: number;
  @ApiProperty({
    type: () => LogCountDocument,
    nullable: true,
    description: 'By the runner while it wrote the log; null: it did not say.',
  })
  counted!: LogCountDocument | null;
  @ApiProperty({ type: () => LogCountDocument, description: 'By the server, of what is stored.' })
  stored!: LogCountDocument;
  @ApiProperty({ type: Boolean, nullable: true, description: 'null: nothing to compare with.' })
  isSame!: boolean | null;
}

class LogMissingDocument {
  @ApiProperty({ type: 'integer', minimum: 1 }) firstSeq!: number;
  @ApiProperty({ type: 'integer', minimum: 1 }) lastSeq!: number;
  @ApiProperty({ type: 'integer', nullable: true, description: 'null: not even their number is known.' })
  lines!: number | null;
  @ApiProperty({
    enum: ['not_stored', 'spool_lost', 'spool_full', 'limit'],
    description: '`not_stored`: these numbers are gone. Else a gap record of the runner under this number.',
  })
  reason!: string;
}

class LogCutDocument {
  @ApiProperty({ type: 'integer', minimum: 1 }) firstSeq!: number;
  @ApiProperty({ type: 'integer', minimum: 1 }) lastSeq!: number;
  @ApiProperty({ type: 'integer', minimum: 0 }) lines!: number;
  @ApiProperty({ type: 'integer', minimum: 0 }) bytes!: number;
  @ApiProperty({ type: () => [CutStepDocument] }) steps!: CutStepDocument[];
}

export class LogReceiptDocument {
  @ApiProperty({ enum: LOG_RECEIPT_STATUSES, description: '`pending`: the attempt has not ended.' }) status!: string;
  @ApiProperty({ description: 'The same in plain sentences.' }) text!: string;
  @ApiProperty({ type: 'integer', description: '0: the job was never claimed.' }) attempt!: number;
  @ApiProperty({ type: 'integer', description: 'Last line the server has.' }) lastSeq!: number;
  @ApiProperty({ type: 'integer', description: 'Stored lines without gap records; 0 while pending.' }) lines!: number;
  @ApiProperty({ type: 'integer', description: 'Of these lines, with a line end each.' }) bytes!: number;
  @ApiProperty({ type: () => [StepLogReceiptDocument], description: 'Those that printed.' })
  steps!: StepLogReceiptDocument[];
  @ApiProperty({ type: () => [LogMissingDocument], description: 'The first 100 parts that are not there.' })
  missing!: LogMissingDocument[];
  @ApiProperty({ type: 'integer', description: 'How many such parts there are.' }) missingParts!: number;
  @ApiProperty({ type: () => LogCutDocument, nullable: true, description: 'What was left out of a log too long.' })
  cut!: LogCutDocument | null;
  @ApiProperty({
    format: 'date-time',
    type: String,
    nullable: true,
    description: 'When the stored lines were counted.',
  })
  checkedAt!: string | null;
  @ApiProperty({
    format: 'date',
    type: String,
    nullable: true,
    description:
      'The day (UTC) on which retention removed the lines; the rest of the receipt tells what was stored before.',
  })
  removedOn!: string | null;
}
