import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { quickInstance } from '../../platform/http/quick-check.js';
import { SubmitJobsDto, WaitQuery } from './requests.dto.js';
import { SubmitJobDto } from './submit-job.dto.js';

const FULL = {
  name: 'build',
  steps: [{ name: 'compile', run: 'make', shell: 'sh', timeoutSeconds: 60 }, { run: 'make test' }],
  env: { LEVEL: 'info', constructor: 'a name like any other' },
  secrets: { TOKEN: 'very-secret-token' },
  source: { type: 'git', url: 'https://example.com/repo.git', revision: 'main', path: 'sub', depth: 1 },
  files: [{ path: 'a.txt', content: 'a' }],
  executor: { type: 'shell' },
  requires: { labels: { os: 'linux' }, tools: ['make@>=4'], prefers: { zone: 'a' } },
  runner: 'pool',
  instance: 'pool-0',
  priority: 5,
  timeoutSeconds: 60,
  queueTimeoutSeconds: 60,
  onLost: 'fail',
  maxAttempts: 2,
  slots: 1,
  retry: { maxAttempts: 2, onExitCodes: [1], onReasons: ['step_failed'], backoffSeconds: 0 },
  concurrency: { key: 'deploy', limit: 1, supersede: 'waiting' },
};
const ODD: readonly unknown[] = [
  null,
  '',
  'x',
  ' ',
  0,
  -1,
  1,
  1.5,
  1e12,
  true,
  false,
  [],
  {},
  [null],
  [[]],
  [{}],
  ['x'],
  { x: 1 },
];

/** What Nest's pipe does with these settings; undefined: refused. */
function slowInstance(type: new () => object, sent: unknown): object | undefined {
  const made = plainToInstance<object, unknown>(type, structuredClone(sent));
  const wrong = validateSync(made, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  return wrong.length === 0 ? made : undefined;
}

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  const below = Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, name]));
  return path.length === 0 ? below : [[...path], ...below];
}

/** A copy with another value at a path; without `value` it is left out. */
function changed(body: object, path: readonly string[], ...value: unknown[]): object {
  const copy = structuredClone(body);
  const last = path.at(-1)!;
  const owner = path.slice(0, -1).reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], copy);
  if (Array.isArray(owner) && !/^\d+$/.test(last)) return copy; // no JSON gives a list such a property
  if (value.length > 0) (owner as Record<string, unknown>)[last] = value[0];
  else if (Array.isArray(owner)) owner.splice(Number(last), 1);
  else delete (owner as Record<string, unknown>)[last];
  return copy;
}

describe('a submit that is checked quickly', () => {
  test('is what class-validator and class-transformer make of it', () => {
    for (const body of [FULL, { steps: [{ run: 'true' }] }]) {
      expect(quickInstance(SubmitJobDto, body)).toStrictEqual(slowInstance(SubmitJobDto, body));
      expect(quickInstance(SubmitJobDto, body)).toBeInstanceOf(SubmitJobDto);
    }
    const bulk = { jobs: [FULL, { steps: [{ run: 'true' }] }] };
    expect(quickInstance(SubmitJobsDto, bulk)).toStrictEqual(slowInstance(SubmitJobsDto, bulk));
  });

  test('and of a query whose properties are made of text, when it has none of them', () => {
    expect(quickInstance(WaitQuery, {})).toStrictEqual(slowInstance(WaitQuery, {}));
    expect(quickInstance(WaitQuery, {})).toBeInstanceOf(WaitQuery);
    for (const query of [{ wait: '5' }, { wait: '0' }, { weit: '5' }]) {
      expect(quickInstance(WaitQuery, query)).toBeUndefined();
    }
  });

  test('is never accepted when they refuse it, whatever is changed in it', () => {
    let accepted = 0;
    let refused = 0;
    for (const path of pathsOf(FULL)) {
      const bodies = [
        changed(FULL, path),
        changed(FULL, [...path.slice(0, -1), 'unknown'], 'x'),
        changed(FULL, [...path.slice(0, -1), 'constructor'], 'x'),
        ...ODD.map((value) => changed(FULL, path, value)),
      ];
      for (const body of bodies) {
        const slow = slowInstance(SubmitJobDto, body);
        const quick = quickInstance(SubmitJobDto, body);
        if (quick !== undefined) expect(quick).toStrictEqual(slow);
        if (slow === undefined) refused += 1;
        else if (quick !== undefined) accepted += 1;
      }
    }
    // both of them happen, or the comparison would say nothing
    expect(accepted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  test.each([[null], ['text'], [[]], [undefined], [JSON.parse('{"steps":[{"run":"true"}],"__proto__":{"slots":1}}')]])(
    'leaves %j to them',
    (body) => {
      expect(quickInstance(SubmitJobDto, body)).toBeUndefined();
    },
  );
});
