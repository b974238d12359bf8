import { Injectable } from '@nestjs/common';
import type { JobExplanation, SubmitJobBody } from '@dibs/shared';
import type { Caller } from '../auth/caller.js';
import { fillJobSpec } from '../jobs/spec/fill-job-spec.js';
import { ScopeService } from '../stacks/scope.service.js';
import { ExplainService } from './explain.service.js';

/** A job that nobody submits: made like a submitted one, and only looked at. */
@Injectable()
export class WhatIfService {
  constructor(
    private readonly scopes: ScopeService,
    private readonly explanations: ExplainService,
  ) {}

  /** @throws AppError 422 `unknown_scope` as the submit would */
  async explain(caller: Caller, body: SubmitJobBody): Promise<JobExplanation> {
    const spec = fillJobSpec(body);
    const [scope = null] = await this.scopes.resolve(caller.organizationId, [spec.scope]);
    return this.explanations.whatIf(caller, { ...spec, scope });
  }
}
