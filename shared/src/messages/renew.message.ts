import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import type { HeldAttempt, Renew } from '../protocol/renew.js';
import { MESSAGE_LIMITS } from './constraints.js';
import { HELD_ATTEMPT_RULES } from './item-rules.js';
import { ListOfPlain } from './plain-list.js';

export class RenewMessage implements Renew {
  @ListOfPlain(HELD_ATTEMPT_RULES, { min: 0, max: MESSAGE_LIMITS.held })
  readonly held!: HeldAttempt[];

  @IsInt()
  @Min(0)
  @Max(MESSAGE_LIMITS.slots)
  readonly freeSlots!: number;

  @IsBoolean()
  readonly draining!: boolean;
}
