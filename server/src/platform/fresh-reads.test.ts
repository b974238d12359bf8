import { expect, test } from '@jest/globals';
import { FreshReads } from './fresh-reads.js';

/** Reads that the test answers, in the order in which they began. */
function readsOf() {
  const open: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  const reads = new FreshReads<string>();
  const read = () => new Promise<string>((resolve, reject) => open.push({ resolve, reject }));
  return { open, get: (key: string) => reads.get(key, read) };
}
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('whoever comes while a read is under way shares the next one', async () => {
  const { open, get } = readsOf();
  const first = get('a');
  const others = [get('a'), get('a')];
  expect(open).toHaveLength(1);
  open[0]!.resolve('before');
  await soon();
  expect(open).toHaveLength(2);
  open[1]!.resolve('after');
  expect(await Promise.all([first, ...others])).toEqual(['before', 'after', 'after']);
});

test('nobody waits for who wants to know something else, or has been answered', async () => {
  const { open, get } = readsOf();
  void get('a');
  void get('b');
  expect(open).toHaveLength(2);
  open[0]!.resolve('');
  await soon();
  void get('a');
  expect(open).toHaveLength(3);
});

test('a read that fails fails for its own, and the next one is made nevertheless', async () => {
  const { open, get } = readsOf();
  const failed = get('a').catch(({ message }: Error) => message);
  const next = get('a');
  open[0]!.reject(new Error('the database is away'));
  await soon();
  open[1]!.resolve('there');
  expect([await failed, await next]).toEqual(['the database is away', 'there']);
});
