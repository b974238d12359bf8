import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import type { Renew } from '../protocol/renew.js';
import { MESSAGE_LIMITS } from './constraints.js';
import { HeldAttemptMessage } from './held-attempt.message.js';
import { ListOf } from './list-of.js';

export class RenewMessage implements Renew {
  @ListOf(HeldAttemptMessage, MESSAGE_LIMITS.held)
  readonly held!: HeldAttemptMessage[];

  @IsInt()
  @Min(0)
  @Max(MESSAGE_LIMITS.slots)
  readonly freeSlots!: number;

  @IsBoolean()
  readonly draining!: boolean;
}
