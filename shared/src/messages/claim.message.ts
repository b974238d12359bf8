import type { Claim } from '../protocol/claim.js';
import { MESSAGE_LIMITS } from './constraints.js';
import { isId } from './item-rules.js';
import { ListOfPlain } from './plain-list.js';

type SingleClaim = Claim['claims'][number];

export class ClaimMessage implements Claim {
  @ListOfPlain<SingleClaim>(
    { claimId: isId, jobId: isId },
    { min: 1, max: MESSAGE_LIMITS.claims, unique: ['claimId', 'jobId'] },
  )
  readonly claims!: SingleClaim[];
}
