import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, Max, Min } from 'class-validator';
import type { WireLogLine } from '../job/log-line.js';
import type { LogBatch } from '../protocol/log-batch.js';
import { MESSAGE_LIMITS } from './constraints.js';
import { HeldAttemptMessage } from './held-attempt.message.js';

/** The head of a batch. Its lines are tuples by the hundred, which a check of their own reads far faster. */
export class LogBatchMessage extends HeldAttemptMessage implements LogBatch {
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly firstSeq!: number;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MESSAGE_LIMITS.batchLines)
  readonly lines!: WireLogLine[];
}
