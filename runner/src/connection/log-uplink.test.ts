import { describe, expect, test } from '@jest/globals';
import { deferred } from '../process/deferred.js';
import { LogUplink } from './log-uplink.js';

const KIB = 1024;

/** Batches whose answers the test gives. */
function world() {
  let nowMs = 0;
  const uplink = new LogUplink(() => nowMs);
  uplink.linkUp(45_000);
  const sent: { name: string; answer: (after?: number) => Promise<void> }[] = [];
  const send = (name: string, bytes: number): Promise<string> =>
    uplink.send(bytes, async () => {
      const reply = deferred<string>();
      const answer = async (afterMs = 1): Promise<void> => {
        nowMs += afterMs;
        reply.resolve(name);
        await settled();
      };
      sent.push({ name, answer });
      return reply.promise;
    });
  return { uplink, sent, send, names: () => sent.map(({ name }) => name) };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('LogUplink', () => {
  test('what does not fit waits, in order, and goes when there is room', async () => {
    const { send, sent, names } = world();
    const all = [send('a', 40 * KIB), send('b', 40 * KIB), send('c', 1 * KIB)];
    await settled();
    expect(names()).toEqual(['a']);
    await sent[0]?.answer();
    expect(names()).toEqual(['a', 'b', 'c']);
    await Promise.all(sent.map(({ answer }) => answer()));
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c']);
  });

  test('a batch larger than all the room goes alone', async () => {
    const { send, sent, names } = world();
    void send('huge', 900 * KIB);
    void send('next', KIB);
    await settled();
    expect(names()).toEqual(['huge']);
    await sent[0]?.answer();
    expect(names()).toEqual(['huge', 'next']);
  });

  test('quick answers make room, slow ones take it', async () => {
    const { uplink, send, sent } = world();
    const first = uplink.batchBytes;
    for (let round = 0; round < 20; round += 1) {
      void send('quick', uplink.batchBytes * 2);
      await sent.at(-1)?.answer(5);
    }
    const grown = uplink.batchBytes;
    expect(grown).toBeGreaterThan(first * 8);
    for (let round = 0; round < 20; round += 1) {
      void send('slow', 64 * KIB);
      await sent.at(-1)?.answer(30_000);
    }
    expect(uplink.batchBytes).toBe(16 * KIB);
  });

  test('a log that does not need the room proves nothing about the link', async () => {
    const { uplink, send, sent } = world();
    const before = uplink.batchBytes;
    for (let round = 0; round < 20; round += 1) {
      void send('small', KIB);
      await sent.at(-1)?.answer(5);
    }
    expect(uplink.batchBytes).toBe(before);
  });

  test('several late answers to what left together cut it once', async () => {
    const { uplink, send, sent } = world();
    for (let round = 0; round < 10; round += 1) {
      void send('quick', uplink.batchBytes * 2);
      await sent.at(-1)?.answer(5);
    }
    const grown = uplink.batchBytes;
    sent.length = 0;
    for (const name of ['a', 'b', 'c']) void send(name, 64 * KIB);
    await settled();
    expect(sent).toHaveLength(3);
    for (const { answer } of sent) await answer(5000);
    expect(uplink.batchBytes).toBe(grown / 2);
  });

  test('a missing answer takes room too, and lets the next one go', async () => {
    const { uplink, send, sent } = world();
    const before = uplink.batchBytes;
    const failing = uplink.send(60 * KIB, () => Promise.reject(new Error('no reply')));
    void send('next', 60 * KIB);
    await expect(failing).rejects.toThrow('no reply');
    await settled();
    expect(sent).toHaveLength(1);
    expect(uplink.batchBytes).toBeLessThan(before);
  });

  test('what waits when the link goes down is given back', async () => {
    const { uplink, send } = world();
    void send('a', 60 * KIB);
    const waiting = send('b', 60 * KIB);
    uplink.linkDown();
    await expect(waiting).rejects.toThrow('the connection ended');
  });
});
