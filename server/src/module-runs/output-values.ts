import { Injectable } from '@nestjs/common';
import type { EngineOutput, OrganizationId } from '@dibs/shared';
import type { OutputReference } from '../domain/modules/resolve-inputs.js';

/** What modules have put out, for those that take it. */
@Injectable()
export class OutputValues {
  /** @returns one for each reference, in order; null: never put out */
  values(_organizationId: OrganizationId, references: readonly OutputReference[]): Promise<(EngineOutput | null)[]> {
    return Promise.resolve(references.map(() => null));
  }
}
