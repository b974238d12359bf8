import { describe, expect, test } from '@jest/globals';
import { OpenRequests } from './open-requests.js';

describe('OpenRequests', () => {
  test('end with their client, with their time, and with the server', async () => {
    const requests = new OpenRequests();
    const client = new AbortController();
    const byClient = requests.begin(client.signal);
    const byTime = requests.begin(new AbortController().signal, 1);
    const byServer = requests.begin(new AbortController().signal, 3_600_000);
    client.abort();
    expect(byClient.signal.aborted).toBe(true);
    await new Promise<void>((resolve) => {
      if (byTime.signal.aborted) resolve();
      else byTime.signal.addEventListener('abort', () => resolve());
    });
    expect(byServer.signal.aborted).toBe(false);
    requests.endAll();
    expect(byServer.signal.aborted).toBe(true);
    expect(requests.begin(new AbortController().signal).signal.aborted).toBe(true);
    for (const request of [byClient, byTime, byServer]) request.end();
    expect(requests.count).toBe(1);
  });
});
