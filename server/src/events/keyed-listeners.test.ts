import { describe, expect, test } from '@jest/globals';
import { KeyedListeners } from './keyed-listeners.js';

describe('KeyedListeners', () => {
  test('tells only those who listen for the key, and forgets keys nobody listens for', () => {
    const listeners = new KeyedListeners<string, number>();
    const heard: string[] = [];
    const hear = (who: string) => (event: number) => void heard.push(`${who}${event}`);
    const offs = [listeners.on('a', hear('x')), listeners.on('a', hear('y')), listeners.on('b', hear('z'))];
    listeners.tell('a', 1);
    offs[0]?.();
    offs[0]?.();
    listeners.tell('a', 2);
    listeners.tell('c', 3);
    expect(heard).toEqual(['x1', 'y1', 'y2']);
    offs.forEach((off) => off());
    expect(listeners.size).toBe(0);
  });
});
