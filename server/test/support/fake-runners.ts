import { afterEach } from '@jest/globals';
import type { InstanceView, Page } from '@dibs/shared';
import { FakeRunner, type RunnerCredentials } from './fake-runner.js';
import type { TestServer } from './test-server.js';

interface FakeRunners extends Pick<typeof FakeRunner, 'online' | 'connect'> {
  /** Closes this one too. */
  readonly noted: <Fake extends FakeRunner>(fake: Fake) => Fake;
}

/** The fake runners of one test file: whatever a test opened is closed after it. */
export function fakeRunners(): FakeRunners {
  const open: FakeRunner[] = [];
  const noted = <Fake extends FakeRunner>(fake: Fake): Fake => {
    open.push(fake);
    return fake;
  };
  afterEach(() => open.splice(0).forEach((fake) => fake.close()));
  return {
    noted,
    online: async (...args) => noted(await FakeRunner.online(...args)),
    connect: async (...args) => noted(await FakeRunner.connect(...args)),
  };
}

/** As operators see it. */
export async function instanceNamed(
  server: TestServer,
  { runnerId }: RunnerCredentials,
  name: string,
): Promise<InstanceView> {
  const { body } = await server.request<Page<InstanceView>>('GET', `/api/v1/runners/${runnerId}/instances`);
  return body.items.find((instance) => instance.name === name)!;
}
