import { describe, expect, test } from '@jest/globals';
import { readSearchView, searchPath, toLogsFilter } from './search-view';

describe('a search in the address', () => {
  test.each([
    '/logs',
    '/logs?q=out+of+memory',
    '/logs?q=a%26b&case=true&state=failed&period=7d&runner=pool&job=nightly&scope=x',
  ])('%s comes back', (path) => expect(searchPath(readSearchView(new URL(path, 'http://x').searchParams))).toBe(path));

  test('what nobody knows is left out', () => {
    expect(searchPath(readSearchView(new URLSearchParams('state=broken&period=ever&case=1')))).toBe('/logs');
  });

  test('is told to the server', () => {
    const view = readSearchView(new URLSearchParams('q=x&state=failed&period=1h'));
    const filter = toLogsFilter(view, Date.parse('2026-11-21T10:00:59.999Z'));
    expect(filter).toMatchObject({ q: 'x', state: 'failed,timed_out,lost,expired', from: '2026-11-21T09:00:00.000Z' });
  });
});
