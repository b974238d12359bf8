import { expect, test } from '@jest/globals';
import { Turns } from './turns.js';

const NEVER = new AbortController().signal;

test('so many at a time, the others in their order', async () => {
  const turns = new Turns(2);
  const [first] = [await turns.take(NEVER), await turns.take(NEVER)];
  const came: string[] = [];
  const third = turns.take(NEVER).then((end) => (came.push('third'), end));
  const fourth = turns.take(NEVER).then((end) => (came.push('fourth'), end));
  await Promise.resolve();
  expect(came).toEqual([]);
  first!();
  (await third)!();
  await fourth;
  expect(came).toEqual(['third', 'fourth']);
});

test('who gives up waiting takes nobody else’s turn', async () => {
  const turns = new Turns(1);
  const end = await turns.take(NEVER);
  const impatient = new AbortController();
  const [gaveUp, patient] = [turns.take(impatient.signal), turns.take(NEVER)];
  impatient.abort();
  expect(await gaveUp).toBeNull();
  end!();
  expect(await patient).not.toBeNull();
});

test('who has left already gets no turn', async () => {
  expect(await new Turns(1).take(AbortSignal.abort())).toBeNull();
});
