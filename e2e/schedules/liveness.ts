import type { Installation } from '../support/installation.js';

const PROBE_MS = 60_000;

/** L3: every server is ready. L5: every instance that is there gets a job that only it may take. */
export async function liveness({ api, servers }: Installation, instances: readonly string[]): Promise<string[]> {
  const ready = await Promise.all(servers.map(({ url }) => readiness(url)));
  const found = ready.flatMap((status, index) => (status === 200 ? [] : [`L3: server ${index} is not ready`]));
  const probes = instances.map(async (instance) => {
    const job = await api.submit({ executor: { type: 'noop' }, steps: [{ run: 'true' }], runner: 'e2e', instance });
    const ended = await api.finished(job.id, PROBE_MS).catch(() => null);
    return ended?.state === 'succeeded' ? [] : [`L5: instance ${instance} is connected, but gets no job`];
  });
  return [...found, ...(await Promise.all(probes)).flat()];
}

function readiness(url: string): Promise<number | null> {
  return fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(PROBE_MS) }).then(
    ({ status }) => status,
    () => null,
  );
}
