import { describe, expect, test } from '@jest/globals';
import { Peers } from './peers.js';

describe('Peers', () => {
  test('tells who is new, and drops who is silent for too long', () => {
    let nowMs = 0;
    const peers = new Peers(100, () => nowMs);
    expect([peers.saw('a'), peers.saw('a'), peers.saw('b')]).toEqual([true, false, true]);
    nowMs = 90;
    peers.saw('a');
    nowMs = 150;
    expect(peers.dropSilent()).toEqual(['b']);
    expect([peers.count, peers.forget('b'), peers.forget('a'), peers.count]).toEqual([1, false, true, 0]);
  });
});
