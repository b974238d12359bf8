import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { JobId } from '@dibs/shared';
import type { RunnerIdentity } from '../auth/principal.service.js';
import { notFound } from '../platform/errors.js';
import { UUID } from '../platform/page.js';
import type { NamedAttempt } from './named-attempt.js';

export const CLAIM_TOKEN_HEADER = 'x-dibs-claim-token';
const ATTEMPT = /^[1-9]\d{0,8}$/;

/** The attempt that the path and the claim token of a runner's request name. Whether it holds it is for the database to say. */
export const HeldAttempt = createParamDecorator((_: unknown, context: ExecutionContext): NamedAttempt => {
  const { params, headers, runner } = context.switchToHttp().getRequest<FastifyRequest & { runner?: RunnerIdentity }>();
  if (runner === undefined) throw new Error('HeldAttempt is used on a route that is not for runners.');
  const { jobId = '', attempt = '' } = params as { readonly jobId?: string; readonly attempt?: string };
  if (!UUID.test(jobId) || !ATTEMPT.test(attempt)) throw notFound('attempt');
  const claimToken = headers[CLAIM_TOKEN_HEADER];
  return {
    organizationId: runner.organizationId,
    runnerId: runner.runnerId,
    jobId: jobId.toLowerCase() as JobId,
    attempt: Number(attempt),
    claimToken: typeof claimToken === 'string' ? claimToken : '',
  };
});
