import { Injectable } from '@nestjs/common';
import { Coalescer } from '../platform/coalescer.js';
import { isolating, type Settled } from '../platform/isolating.js';
import { ResultRepository, type FinalResult, type ResultWritten } from './result.repository.js';

/** Writes results, those that arrive together in as few statements as there are kinds of them. */
@Injectable()
export class ResultWriter {
  private readonly results: Coalescer<FinalResult, Settled<ResultWritten>>;

  constructor(repository: ResultRepository) {
    const succeed = isolating(repository.succeed.bind(repository));
    const finish = isolating(repository.finish.bind(repository));
    this.results = new Coalescer(async (batch) => {
      const written = await succeed(batch);
      const finished = (await finish(batch.filter((_, index) => !isWritten(written[index]!)))).values();
      return written.map((settled) => (isWritten(settled) ? settled : finished.next().value!));
    });
  }

  /** @returns how each of them fared, in their order; one that cannot be written leaves the others as they are */
  write(results: readonly FinalResult[]): Promise<Settled<ResultWritten>[]> {
    return this.results.addAll(results);
  }
}

/** Or cannot be: the others of its batch are as they were. */
function isWritten(settled: Settled<ResultWritten | null>): settled is Settled<ResultWritten> {
  return !settled.ok || settled.value !== null;
}
