import { ArrayMinSize, ArrayUnique } from 'class-validator';
import type { ClaimId, JobId } from '../ids.js';
import type { Claim } from '../protocol/claim.js';
import { IsId, MESSAGE_LIMITS } from './constraints.js';
import { ListOf } from './list-of.js';

export class SingleClaimMessage {
  @IsId()
  readonly claimId!: ClaimId;

  @IsId()
  readonly jobId!: JobId;
}

export class ClaimMessage implements Claim {
  @ArrayMinSize(1)
  @ArrayUnique((claim: Partial<SingleClaimMessage> | null) => claim?.claimId)
  @ArrayUnique((claim: Partial<SingleClaimMessage> | null) => claim?.jobId)
  @ListOf(SingleClaimMessage, MESSAGE_LIMITS.claims)
  readonly claims!: SingleClaimMessage[];
}
