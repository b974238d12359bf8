import { describe, expect, test } from '@jest/globals';
import { Admission } from './admission.js';

describe('Admission', () => {
  test('runs some, lets some wait, turns the rest away, and forgets failures', async () => {
    const admission = new Admission({ maxRunning: 2, maxWaiting: 1 });
    const gates: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const work = async (): Promise<string> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => gates.push(resolve));
      running -= 1;
      if (gates.length === 1) throw new Error('the first one fails');
      return 'done';
    };
    const tasks = [admission.run(work), admission.run(work), admission.run(work), admission.run(work)];
    const settled = Promise.allSettled(tasks);
    for (let opened = 0; opened < 3; opened += 1) {
      gates[opened]!();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await settled).toMatchObject([{}, { value: 'done' }, { value: 'done' }, { value: null }]);
    expect(most).toBe(2);
    const again = admission.run(() => Promise.resolve('free'));
    expect(await again).toBe('free');
  });
});
