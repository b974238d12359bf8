import { Injectable } from '@nestjs/common';
import type { Queryable } from '../database/database.js';
import type { AfterLoss } from './lost-attempt.repository.js';
import type { FinalResult } from './result.repository.js';

/** Decides whether a job that failed by itself is tried again, and if so ends the attempt without ending the job. */
@Injectable()
export class AfterFailure {
  /**
   * Works inside a transaction that has locked the attempt, which is current.
   *
   * @returns what became of the job; null: nothing was written, and the result is final
   */
  tryAgain(_tx: Queryable, _result: FinalResult): Promise<AfterLoss | null> {
    return Promise.resolve(null);
  }
}
