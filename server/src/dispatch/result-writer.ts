import { Injectable } from '@nestjs/common';
import { Coalescer } from '../platform/coalescer.js';
import { isolating, type Settled } from '../platform/isolating.js';
import { isSuccess, ResultRepository, type FinalResult, type ResultWritten } from './result.repository.js';

/** Writes results, those that arrive together in as few statements as there are kinds of them. */
@Injectable()
export class ResultWriter {
  private readonly results: Coalescer<FinalResult, Settled<ResultWritten>>;

  constructor(repository: ResultRepository) {
    const succeed = isolating(repository.succeed.bind(repository));
    const finish = isolating(repository.finish.bind(repository));
    this.results = new Coalescer(async (batch) => {
      const written = new Map<FinalResult, Settled<ResultWritten>>();
      const successes = batch.filter(isSuccess);
      (await succeed(successes)).forEach((settled, index) => {
        if (!settled.ok) written.set(successes[index]!, settled);
        else if (settled.value !== null) written.set(successes[index]!, { ok: true, value: settled.value });
      });
      const others = batch.filter((result) => !written.has(result));
      (await finish(others)).forEach((settled, index) => written.set(others[index]!, settled));
      return batch.map((result) => written.get(result)!);
    });
  }

  /** @returns how each of them fared, in their order; one that cannot be written leaves the others as they are */
  write(results: readonly FinalResult[]): Promise<Settled<ResultWritten>[]> {
    return this.results.addAll(results);
  }
}
