import type { JobDetail } from '@dibs/shared';
import { submitViolations, violations } from '../support/checker.js';
import type { Installation } from '../support/installation.js';
import { claimViolations } from './claim-checker.js';
import type { Drains } from './drains.js';
import { fanOutHistoryViolations, fanOutViolations } from './fan-out-checker.js';
import type { FakeWorker } from './fake-worker.js';
import type { Harm } from './harm.js';
import { groupViolations, historyViolations } from './history-checker.js';
import type { Pauses } from './pauses.js';
import type { Resends } from './resends.js';
import type { Submissions } from './submissions.js';
import { lateWrites, readWitness } from './witness.js';

interface Evidence {
  readonly submissions: Submissions;
  readonly harm: Harm;
  readonly pauses: Pauses;
  readonly drains: Drains;
  readonly resends: Resends;
  readonly everyFake: readonly FakeWorker[];
}

/**
 * Holds what was seen against the rules. Which rule is checked by whom (`mutants.test.ts` has bugs for I1, I2, I3, I6, I11,
 * I12, I14, L1, pauses, drains and fan-outs; the tests beside the checkers have made-up histories for the others):
 *
 * - I1 live claims, attempts in order: `history-checker` (triggers), `checker` (ledger), `claim-checker` (fake runners)
 * - I2 executions do not overlap, I7 success is earned: `checker`, by the ledger
 * - I3 a claimId is one attempt: `claim-checker`; fake runners send every fourth claim twice, and an old one again before
 *   they claim the same job anew
 * - I4 accepted is there: `submitViolations`; I4, I5 nothing twice, and nothing that nobody sent: `submissions`, by names
 * - I6 terminal is final: `history-checker`; what was acknowledged stays (with I13): `resultViolations`; an older attempt
 *   writes nothing: `lateWrites` (triggers), and fake runners that print too late
 * - I11 one live session: `FakeWorker.twin`; I12 transitions: `history-checker`, by a table of its own
 * - I14 resends: of real runners `resends`, by what their proxies overhear; of the servers `FakeWorker.takeGrants`. What
 *   fake runners send again is the test's own doing
 * - pauses: `pauses`; drains: `drains`; fan-outs: `fan-out-checker`; concurrency groups: `groupViolations`
 * - L1, L2, L4 everything ends after the heal, canceled or not: `ScheduleRun.untilQuiet`; L3, L5: `liveness`, where a
 *   pool that nobody gets a connection of is a server that is not ready
 */
export class Judge {
  constructor(
    private readonly installation: Installation,
    private readonly evidence: Evidence,
  ) {}

  /** What can be seen while everything is still under way. */
  async meanwhile(): Promise<string[]> {
    const { submissions, pauses, drains, resends, everyFake } = this.evidence;
    const changes = await readWitness(this.installation.databaseUrl);
    return [
      ...historyViolations(changes),
      ...(await lateWrites(this.installation.databaseUrl)),
      ...groupViolations(changes, submissions.groupOf, 1),
      ...fanOutHistoryViolations(changes, submissions.batchSizeOf),
      ...pauses.violations(changes),
      ...drains.violations(
        changes,
        everyFake.flatMap((fake) => fake.seen.taken),
      ),
      ...resends.violations,
      ...claimViolations(everyFake.flatMap((fake) => fake.seen.claims)),
      ...everyFake.flatMap((fake) => fake.seen.violations),
    ];
  }

  /** I2 so far. */
  async overlaps(): Promise<string[]> {
    const found: string[] = [];
    for (const id of this.installation.ledger.jobsWithSeveralAttempts()) {
      found.push(...(await this.judgeJob(await this.installation.anyApi.job(id))));
    }
    return found.filter((violation) => violation.includes('I2:'));
  }

  /** When everything has ended. */
  async afterwards(): Promise<string[]> {
    const { submissions, resends } = this.evidence;
    const present = await this.installation.api.allJobs();
    // nobody submits a child: its parent makes it
    const submitted = present.filter(({ parentId }) => parentId === null);
    const ids = submitted.map(({ id }) => id);
    const found = submitViolations(submissions.accepted, ids, submissions.maybe);
    found.push(...submissions.nameViolations(submitted));
    const jobs: JobDetail[] = [];
    for (const { id } of present) jobs.push(await this.installation.api.job(id));
    // a parent executes nothing itself
    for (const job of jobs.filter(({ spec }) => !spec.fanOut)) found.push(...(await this.judgeJob(job)));
    if (resends.heard === 0) found.push('I14: the proxies overheard nothing');
    return [...found, ...fanOutViolations(present), ...this.resultViolations(jobs), ...submissions.violations];
  }

  private async judgeJob(job: JobDetail): Promise<string[]> {
    const ledger = this.installation.ledger.of(job.id);
    const logs = await this.installation.logs(job);
    const excused = this.evidence.harm.excused(job);
    return violations({ job, ledger, logs, excused }).map((text) => `job ${job.id}: ${text}`);
  }

  /** I6, I13: a result that was acknowledged is what the attempt ended with, for ever; what is over takes none. */
  private resultViolations(jobs: readonly JobDetail[]): string[] {
    const byId = new Map<string, JobDetail>(jobs.map((job) => [job.id, job]));
    return this.evidence.everyFake.flatMap((fake) =>
      fake.seen.results.flatMap(({ job, attempt, outcome }) => {
        const stored = byId.get(job)?.attempts.find((each) => each.attempt === attempt)?.outcome;
        if (stored === outcome) return [];
        return [`I6/I13: attempt ${attempt} of job ${job} was acknowledged as ${outcome} and is ${stored}`];
      }),
    );
  }
}
