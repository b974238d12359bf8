import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { dockerCommand, kubernetesManifest, shellCommand } from './start-commands';

const access = {
  serverUrl: 'http://127.0.0.1:3000',
  name: `it's "$(touch /tmp/never)" & more`,
  clientId: 'rnr_1',
  clientSecret: 'a+b/c=',
};

test('pasted into a shell, every value arrives as it is', () => {
  const script = shellCommand(access).replace(
    'npm run runner',
    `sh -c 'printf "%s\\n" "$RUNNER_NAME" "$RUNNER_CLIENT_SECRET"'`,
  );
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${access.name}\n${access.clientSecret}\n`);
});

test('the secret is no argument of docker', () => {
  const run = dockerCommand(access).split('docker run')[1];
  expect(run).toContain('-e RUNNER_CLIENT_SECRET');
  expect(run).not.toContain(access.clientSecret);
});

test('names of Kubernetes resources are valid', () => {
  expect(kubernetesManifest(access).match(/^ {2}name: (.*)$/m)?.[1]).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
});
