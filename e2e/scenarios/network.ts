import type { Scenario } from './scenario.js';

/** A cut of 20 s against a lease of 60 s, at a tenth of the time. */
const CUT_MS = 2_000;

export const NETWORK: readonly Scenario[] = [
  ...(['black-hole', 'drop-up', 'drop-down'] as const).map((mode): Scenario => ({
    name: `20 s of ${mode} change nothing but time`,
    runners: ['cut-off', 'other'],
    work: [{ lines: 200, everyMs: 20 }],
    faults: [{ printed: 20, then: { do: 'silence', mode, forMs: CUT_MS } }],
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 200 },
  })),
  {
    name: '10,000 lines through five cuts in the middle of frames are stored once, in order',
    work: [{ lines: 10_000 }, { lines: 10, everyMs: 50 }],
    faults: [20_000, 60_000, 90_000, 120_000, 150_000].map((bytes) => ({ then: { do: 'cut-after-bytes', bytes } })),
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 10_010 },
  },
  {
    name: 'lines printed slowly through five resets are stored once, in order',
    work: [{ lines: 400, everyMs: 10 }],
    faults: [50, 110, 170, 230, 290].map((printed) => ({ printed, then: { do: 'reset-connections' } })),
    expect: { state: 'succeeded', reason: 'completed', attempts: 1, lines: 400 },
  },
];
