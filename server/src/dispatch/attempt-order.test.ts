import { describe, expect, test } from '@jest/globals';
import type { InstanceId, JobId } from '@dibs/shared';
import { AttemptOrder } from './attempt-order.js';

const instance = 'instance' as InstanceId;
const [job, other] = ['job', 'other'] as [JobId, JobId];
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
    const failing = order.after(instance, job, first.work);
    const following = order.after(instance, job, second.work);
    void order.after(instance, other, elsewhere.work);
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
    void order.beside(instance, job, one.work);
    void order.beside(instance, job, two.work);
    void order.after(instance, job, result.work);
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
    const isBusy = (jobId: JobId): boolean => order.busy(instance).has(jobId);
    const failing = order.together(instance, new Set([job, other]), many.work);
    expect([isBusy(job), isBusy(other)]).toEqual([true, true]);
    void order.after(instance, other, next.work);
    expect([many.begun, next.begun]).toEqual([true, false]);
    many.fail();
    await expect(failing).rejects.toThrow('failed');
    await settle();
    expect([next.begun, isBusy(job), isBusy(other)]).toEqual([true, false, true]);
    next.open();
    await settle();
    expect(isBusy(other)).toBe(false);
  });

  test('does not let one instance hold up what another one writes about the same job', () => {
    const order = new AttemptOrder();
    const [first, second] = [gate(), gate()];
    void order.after('stranger' as InstanceId, job, first.work);
    void order.after(instance, job, second.work);
    expect(second.begun).toBe(true);
  });
});
