import { describe, expect, test } from '@jest/globals';
import { AttemptOrder, type OrderKey } from './attempt-order.js';

const job = 'instance/job' as OrderKey;
const other = 'instance/other' as OrderKey;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function gate(): { work: () => Promise<string>; open: () => void; fail: () => void; begun: boolean } {
  let [open, fail]: (() => void)[] = [];
  const promise = new Promise<string>((resolve, reject) => {
    open = () => resolve('done');
    fail = () => reject(new Error('failed'));
  });
  const made = {
    begun: false,
    open: open!,
    fail: fail!,
    work: () => {
      made.begun = true;
      return promise;
    },
  };
  return made;
}

describe('AttemptOrder', () => {
  test('begins a write of a job after the one before it, also when that fails', async () => {
    const order = new AttemptOrder();
    const [first, second, elsewhere] = [gate(), gate(), gate()];
    const failing = order.after(job, first.work);
    const following = order.after(job, second.work);
    void order.after(other, elsewhere.work);
    expect([first.begun, second.begun, elsewhere.begun]).toEqual([true, false, true]);
    first.fail();
    await expect(failing).rejects.toThrow('failed');
    await settle();
    expect(second.begun).toBe(true);
    second.open();
    expect(await following).toBe('done');
  });

  test('lets log batches run side by side, and the result wait for all of them', async () => {
    const order = new AttemptOrder();
    const [one, two, result] = [gate(), gate(), gate()];
    void order.beside(job, one.work);
    void order.beside(job, two.work);
    void order.after(job, result.work);
    expect([one.begun, two.begun, result.begun]).toEqual([true, true, false]);
    two.open();
    await settle();
    expect(result.begun).toBe(false);
    one.open();
    await settle();
    expect(result.begun).toBe(true);
  });

  test('holds up whatever comes about one of many jobs that are written together, until that has ended', async () => {
    const order = new AttemptOrder();
    const [many, next] = [gate(), gate()];
    const failing = order.together(new Set([job, other]), many.work);
    expect([order.isBusy(job), order.isBusy(other)]).toEqual([true, true]);
    void order.after(other, next.work);
    expect([many.begun, next.begun]).toEqual([true, false]);
    many.fail();
    await expect(failing).rejects.toThrow('failed');
    await settle();
    expect([next.begun, order.isBusy(job), order.isBusy(other)]).toEqual([true, false, true]);
    next.open();
    await settle();
    expect(order.isBusy(other)).toBe(false);
  });
});
