import { randomUUID } from 'node:crypto';
import type { GitSourceSpec, SourceLook, SourceSeen } from '@dibs/shared';
import type { Logger } from 'pino';
import type { HostEnvironment } from '../executors/step-environment.js';
import type { Gate } from '../policy/gate.js';
import type { CgroupRoot } from '../process/cgroup-folder.js';
import { lookAtSource } from '../workspace/look-at-source.js';

/** Looks at the same time: they need the network and next to nothing of the host. */
export const LOOKS_AT_ONCE = 4;
const LONGEST_MS = 60_000;
const MAX_PROBLEM_LENGTH = 400;

export interface SourceLooksOptions {
  readonly root: string;
  readonly allowFileUrls: boolean;
  readonly gate: Pick<Gate, 'refusalOfSource'>;
  readonly hostEnv: HostEnvironment;
  readonly cgroupRoot: CgroupRoot | null;
  readonly pipeGraceMs: number;
  readonly closing: AbortSignal;
  readonly log: Logger;
}

/** Answers the server which commit a git source is now, as far as this host allows its runner to fetch it. */
export class SourceLooks {
  private looking = 0;

  constructor(private readonly options: SourceLooksOptions) {}

  /** Never rejects. */
  async look(question: SourceLook): Promise<SourceSeen> {
    if (this.looking >= LOOKS_AT_ONCE) return notSeen('the runner looks at enough sources already');
    this.looking += 1;
    try {
      return await this.answer(question);
    } catch (error) {
      return notSeen((error as Error).message);
    } finally {
      this.looking -= 1;
    }
  }

  private async answer({ url, revision, versions, timeoutMs }: SourceLook): Promise<SourceSeen> {
    const { gate, closing, log, ...host } = this.options;
    const source: GitSourceSpec = { type: 'git', url, revision, versions, path: null, depth: null };
    const refused = await gate.refusalOfSource(source);
    if (refused !== null) return notSeen(refused.message);
    // nobody else's: whatever bears it is ended with the look
    const marker = { jobId: `look-${randomUUID()}`, attempt: 0 };
    const tooLong = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_MS));
    const signal = AbortSignal.any([closing, tooLong]);
    try {
      return {
        commit: await lookAtSource({ ...host, source: { url, revision, versions }, marker, signal }),
        problem: null,
      };
    } catch (error) {
      log.debug({ err: error }, 'a source could not be looked at');
      return notSeen(tooLong.aborted ? 'the repository gave no answer in time' : (error as Error).message);
    }
  }
}

/** On one line, as the protocol has it. */
function notSeen(problem: string): SourceSeen {
  return { commit: null, problem: problem.slice(0, MAX_PROBLEM_LENGTH).replace(/[\p{Cc}\p{Cs}]+/gu, ' ') || 'unknown' };
}
