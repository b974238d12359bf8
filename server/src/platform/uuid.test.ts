import { expect, test } from '@jest/globals';
import { UUID } from './page.js';
import { uuidv7 } from './uuid.js';

test('ids are distinct UUIDv7 that sort by the order they were made in', () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, () => uuidv7());
  expect(ids.every((id) => UUID.test(id) && id[14] === '7' && '89ab'.includes(id[19]!))).toBe(true);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  const firstMs = Number.parseInt(ids[0]!.replaceAll('-', '').slice(0, 12), 16);
  expect(firstMs - before).toBeGreaterThanOrEqual(0);
  expect(firstMs - before).toBeLessThan(1_000);
});
