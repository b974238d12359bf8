import { IsInt, Matches, Max, Min } from 'class-validator';
import type { SourceOffer, SourceSeen } from '../protocol/source-look.js';
import { IsPlainLine, OrNull } from './constraints.js';

export class SourceOfferMessage implements SourceOffer {
  @IsInt()
  @Min(1)
  @Max(100)
  readonly atOnce!: number;
}

/** What a runner answers. */
export class SourceSeenMessage implements SourceSeen {
  @OrNull()
  @Matches(/^([0-9a-f]{40}|[0-9a-f]{64})$/, { message: 'commit must be the full id of a commit, or null' })
  readonly commit!: string | null;

  @OrNull()
  @IsPlainLine(1, 500)
  readonly problem!: string | null;
}
