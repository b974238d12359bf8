import { Random } from './random.js';
import type { Action, PlannedAction, PlannedJob, Schedule } from './schedule.js';

export const SERVERS = 2;
/** Processes: the first only suffers on its network; the second is killed, frozen and drained, and claims what is offered. */
export const REALS = 2;
/** Played: the first vanishes, the second reports late, the others stay, and the last makes standing claims. */
export const FAKES = 4;
const CLAIMER = 2;
const GRANTEE = FAKES - 1;
/** Of the leases: 6 s. */
export const SCHEDULE_TIME_SCALE = 0.1;

const LENGTH_MS = 11_000;
/** Of the submits that are repeated; the next ones are those of jobs that must be there, whatever fails meanwhile. */
const KEYS = 10;
/** Longer than a lease, and shorter than what the long jobs take. */
const LONG_CUT_MS = 8_500;
const LONG_JOB_MS = 13_000;
/** Longer than servers may take to learn of a pause, or to end a grant, by enough to see whether they obey. */
const LONG_PAUSE_MS = 6_000;
const LONG_DRAIN_MS = 5_000;

/**
 * What happens when, made of nothing but the seed. Every schedule has one of each kind of trouble, so that every seed
 * can catch every kind of bug, and much at random around it.
 */
export function makeSchedule(seed: number): Schedule {
  const random = new Random(seed);
  const opening = longJobs(random);
  const actions = [...mustHappen(random), ...mayHappen(random, opening.length)];
  return { seed, opening, actions: actions.sort((a, b) => a.atMs - b.atMs) };
}

/** The first real runner is cut off twice with them in its hands. */
function longJobs(random: Random): Action[] {
  const long: PlannedJob = { ...job(random), executor: 'shell', steps: 1, holdMs: LONG_JOB_MS, exitCode: 0 };
  const lost = { ...plain(long), onLost: 'requeue', maxAttempts: 3, priority: 10 } as const;
  return [0, 1].map((server) => ({ do: 'submit', server, job: lost, key: null }));
}

function mustHappen(random: Random): PlannedAction[] {
  const at = (least: number, most: number, action: Action): PlannedAction => ({
    atMs: random.between(least, most),
    action,
  });
  // a loss that only the runner sees is none
  const mode = random.pick(['black-hole', 'drop-up'] as const);
  const short = { ...job(random), executor: 'shell', steps: 1, holdMs: 30, exitCode: 0, priority: 20 } as const;
  const submit = (least: number, more: Partial<PlannedJob>, key: number | null = null): PlannedAction =>
    at(least, least + 400, {
      do: 'submit',
      server: random.between(0, 1),
      job: { ...plain(short), ...more },
      key,
    });
  return [
    submit(1_600, { fanOut: { batchSize: 1, offline: 'skip' } }),
    submit(500, { isApart: true }),
    at(2_500, 3_500, { do: 'pause', server: random.between(0, 1), kind: 'lane', forMs: LONG_PAUSE_MS }),
    ...[5_000, 6_500, 7_500, 8_500].map((atMs) => submit(atMs, { isApart: true })),
    // it fails, is queued again, and is offered once more to whoever claimed it
    submit(400, { exitCode: 75, tries: 2, instance: `fake-${CLAIMER}` }, KEYS),
    // more than it takes, at any time
    submit(2_800, { holdMs: LONG_DRAIN_MS, onLost: 'requeue', instance: `fake-${GRANTEE}` }, KEYS + 1),
    at(4_300, 5_300, { do: 'drain', server: random.between(0, 1), instance: `fake-${GRANTEE}`, forMs: LONG_DRAIN_MS }),
    // the servers see it at once, and the runner works on
    at(500, 900, { do: 'cut', real: 0, mode: 'refuse', forMs: 1_500 }),
    at(3_000, 3_500, { do: 'cut', real: 0, mode, forMs: LONG_CUT_MS }),
    at(2_500, 6_000, { do: 'vanish-fake', fake: 0 }),
    at(2_500, 4_000, { do: 'late-report', fake: 1 }),
    at(3_000, 6_000, { do: 'twin', fake: CLAIMER }),
    at(6_500, 9_500, { do: 'twin', fake: CLAIMER }),
    at(3_000, 8_000, { do: 'kill-real', real: 1, back: random.chance(0.5) }),
    at(3_000, 9_000, { do: 'kill-server', server: random.between(0, 1), forMs: random.between(300, 2_000) }),
  ];
}

/** @param opened jobs submitted before, which nobody cancels: a bug shows itself in what becomes of them */
function mayHappen(random: Random, opened: number): PlannedAction[] {
  const actions: PlannedAction[] = [];
  let submits = 0;
  for (let atMs = 1_500; atMs < LENGTH_MS; atMs += random.between(10, 120)) {
    const server = random.between(0, SERVERS - 1);
    if (random.chance(0.86)) {
      const key = random.chance(0.2) ? random.between(0, KEYS - 1) : null;
      actions.push({ atMs, action: { do: 'submit', server, job: job(random), key } });
      submits += 1;
    } else if (random.chance(0.6) && submits > 0) {
      const mode = random.pick(['graceful', 'after_step', 'kill'] as const);
      actions.push({ atMs, action: { do: 'cancel', server, nth: opened + random.between(0, submits - 1), mode } });
    } else actions.push({ atMs, action: trouble(random) });
  }
  return actions;
}

/** One whose course nothing of its own disturbs. */
function plain(planned: PlannedJob): PlannedJob {
  return { ...planned, tries: 1, group: null, isApart: false, fanOut: null };
}

function trouble(random: Random): Action {
  const forMs = random.between(200, 2_000);
  const server = random.between(0, SERVERS - 1);
  switch (random.between(0, 8)) {
    case 0:
      return { do: 'reset', real: 1 };
    case 1:
      return { do: 'cut', real: 1, mode: random.pick(['black-hole', 'drop-up', 'drop-down']), forMs };
    case 2:
      return { do: 'freeze-real', real: 1, forMs: forMs * random.between(1, 4) };
    case 3:
      return { do: 'drain-real', real: 1 };
    case 4:
      return { do: 'freeze-server', server, forMs };
    case 5:
      return random.chance(0.3) ? { do: 'crash-database' } : { do: 'drop-fake', fake: random.between(2, FAKES - 1) };
    case 6:
      return { do: 'pause', server, kind: random.pick(['runner', 'lane', 'organization', 'server']), forMs };
    case 7:
      return { do: 'drain', server, instance: random.pick(['real-1', `fake-${CLAIMER}`]), forMs };
    default:
      return { do: 'drop-fake', fake: random.between(1, FAKES - 1) };
  }
}

function job(random: Random): PlannedJob {
  const isNoop = random.chance(0.15);
  const fansOut = random.chance(0.02);
  return {
    executor: isNoop ? 'noop' : 'shell',
    steps: random.between(1, 2),
    holdMs: random.chance(0.2) ? random.between(300, 1_500) : random.between(0, 80),
    lines: random.chance(0.3) ? random.between(1, 20) : 0,
    exitCode: isNoop || random.chance(0.85) ? 0 : 75,
    onLost: random.pick(['requeue', 'requeue', 'fail', 'wait']),
    maxAttempts: random.between(2, 4),
    tries: random.chance(0.3) ? 2 : 1,
    group: random.chance(0.2) && !fansOut ? random.between(0, 1) : null,
    priority: random.between(-5, 5),
    isApart: !isNoop && !fansOut && random.chance(0.12),
    fanOut: fansOut ? { batchSize: random.pick([null, 2]), offline: random.pick(['skip', 'wait']) } : null,
  };
}
