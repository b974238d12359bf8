import { expect, test } from '@jest/globals';
import { monotonicMs, toMonotonicMs } from './monotonic.js';

test('a time of performance.now() on the monotonic clock is neither before nor after its moment', () => {
  for (let round = 0; round < 100; round += 1) {
    const before = monotonicMs();
    const then = toMonotonicMs(performance.now());
    const after = monotonicMs();
    // the readings that the difference was made of are some microseconds apart
    expect(then).toBeGreaterThan(before - 0.2);
    // monotonicMs() leaves out what is less than a microsecond
    expect(then).toBeLessThan(after + 0.002);
  }
});
