import { describe, expect, test } from '@jest/globals';
import { errorFingerprint, errorPattern } from './error-fingerprint.js';

describe('the pattern of an error', () => {
  test.each([
    [
      '2026-11-21T10:00:00.123Z ERROR connection to 10.0.3.7:5432 refused after 3 tries',
      'ERROR connection to <address> refused after <n> tries',
    ],
    ['[12:34:56] E: exit code 137', 'E: exit code <n>'],
    ['Nov 21 10:00:00 disk /dev/sda1 full', 'disk /dev/sda1 full'],
    ['job 019a0f2e-7c1b-7def-8a11-0123456789ab not found', 'job <id> not found'],
    ['cannot open /tmp/build-x8Yz/a.txt: No such file', 'cannot open <temp>: No such file'],
    ['cannot open /home/jo/tmp.Ab3dE6fG9h: denied', 'cannot open /home/jo/<temp>: denied'],
    ['fatal: bad object 9f86d081884c7d65', 'fatal: bad object <hex>'],
    ['segfault at 0xdeadbeef', 'segfault at <hex>'],
    ['worker-12 took 1,204.5ms', 'worker-<n> took <n>ms'],
    ['defaced facade', 'defaced facade'],
    ['TS2304: Cannot find name "x86_64"', 'TS2304: Cannot find name "x86_64"'],
    ['  a \t  b ', 'a b'],
  ])('%s', (line, pattern) => expect(errorPattern(line)).toBe(pattern));

  test('is bounded, also in the time it takes', () => {
    expect(errorPattern('word '.repeat(20_000))).toHaveLength(300);
    for (const hostile of ['0', 'a', '1.', '0a', '/tmp/', ' ', '1-']) {
      expect(errorPattern(hostile.repeat(30_000)).length).toBeLessThanOrEqual(300);
    }
  });

  test('tells errors apart', () => {
    const [one, two] = ['exit 1', 'exit 2'].map((line) => errorFingerprint(errorPattern(line)));
    expect(one).toBe(two);
    expect(errorFingerprint(errorPattern('exit early'))).not.toBe(one);
    expect(one).toMatch(/^[0-9a-f]{32}$/);
  });
});
