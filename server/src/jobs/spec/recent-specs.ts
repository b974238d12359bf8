import { Injectable } from '@nestjs/common';
import type { JobId } from '@dibs/shared';
import type { SpecJson } from './spec-json.js';

/** Characters of all specs together, about as many bytes of memory. */
const MOST_CHARACTERS = 16 * 1024 * 1024;
/** What an entry takes besides: its id, and its places in the map. */
const ENTRY_CHARACTERS = 100;

/**
 * Specs of jobs that were stored through this server and wait to be claimed. A spec never changes, so whoever claims such a
 * job need not read it back, which would be a fifth of what a claim costs the database. The oldest go first; what is not
 * here is read.
 */
@Injectable()
export class RecentSpecs {
  protected readonly mostCharacters: number = MOST_CHARACTERS;
  private readonly specs = new Map<JobId, SpecJson>();
  private characters = 0;

  keep(jobId: JobId, spec: SpecJson): void {
    this.forget(jobId);
    this.specs.set(jobId, spec);
    this.characters += sizeOf(spec);
    for (const oldest of this.specs.keys()) {
      if (this.characters <= this.mostCharacters) return;
      this.forget(oldest);
    }
  }

  /** @returns undefined: it must be read */
  of(jobId: JobId): SpecJson | undefined {
    return this.specs.get(jobId);
  }

  forget(jobId: JobId): void {
    const spec = this.specs.get(jobId);
    if (spec === undefined) return;
    this.specs.delete(jobId);
    this.characters -= sizeOf(spec);
  }
}

function sizeOf(spec: SpecJson): number {
  return spec.length + ENTRY_CHARACTERS;
}
