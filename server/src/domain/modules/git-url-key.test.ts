import { expect, test } from '@jest/globals';
import { gitUrlKey } from './git-url-key.js';

test.each([
  'https://git.example/infra/vpc',
  'https://git.example/infra/vpc.git',
  'https://git.example/infra/vpc/',
  'https://GIT.example:443/infra/vpc.git/',
  'http://git.example/infra/vpc',
  'https://me:secret@git.example/infra/vpc',
  'ssh://git@git.example/infra/vpc.git',
  'ssh://git@git.example:22/infra/vpc',
  'git@git.example:infra/vpc.git',
  'git@git.example:/infra/vpc',
])('%s is the same repository', (url) => {
  expect(gitUrlKey(url)).toBe('git.example/infra/vpc');
});

test.each([
  'https://git.example/infra/VPC',
  'https://git.example/infra/vpc2',
  'https://git.example:8443/infra/vpc',
  'https://other.example/infra/vpc',
  'git@git.example:vpc.git',
])('%s is another one', (url) => {
  expect(gitUrlKey(url)).not.toBe('git.example/infra/vpc');
});
