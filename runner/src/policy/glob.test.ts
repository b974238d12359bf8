import { expect, test } from '@jest/globals';
import { isCovered } from './glob.js';

test.each([
  ['https://git.example/infra/**', 'https://git.example/infra/net.git'],
  ['https://git.example/infra/**', 'https://git.example/infra/a/b'],
  ['https://git.example/*/net', 'https://git.example/infra/net'],
  ['https://*.example/**', 'https://git.eu.example/x'],
  ['git@git.example:infra/*', 'git@git.example:infra/net.git'],
  ['ssh://git@git.example:2222/**', 'ssh://git@git.example:2222/x'],
  ['*.auto.tfvars.json', 'eu.auto.tfvars.json'],
  ['a.b', 'a.b'],
])('%s covers %s', (pattern, text) => expect(isCovered(pattern, text)).toBe(true));

test.each([
  ['https://git.example/infra/**', 'https://git.example/infra'],
  ['https://git.example/infra/**', 'https://git.example/other/net'],
  ['https://git.example/infra/**', 'https://git.example/infra/../other'],
  ['https://git.example/infra/**', 'https://git.example/infra/./x'],
  ['https://git.example/infra/**', 'https://git.example/infra/%2e%2e/other'],
  ['https://git.example/infra/**', 'https://git.example/infra/..\\other'],
  ['https://git.example/infra/**', 'https://git.example/infra/x?y'],
  ['https://git.example/infra/**', 'https://git.example/infra/x#y'],
  ['https://git.example/infra/**', 'https://git.example/infra/x\ny'],
  ['https://git.example/infra/**', 'https://git.example/infra/ü'],
  ['https://git.example/infra/**', 'HTTPS://git.example/infra/x'],
  ['https://git.example/infra/**', 'http://git.example/infra/x'],
  ['https://git.example/infra/**', 'xhttps://git.example/infra/x'],
  ['https://git.example/*', 'https://git.example/infra/net'],
  ['https://*/infra/**', 'https://evil.example@git.example/infra/x'],
  ['https://*/infra/**', 'https://evil.example:443/infra/x'],
  ['git@git.example:**', 'git@git.example:../x'],
  ['git@git.example:**', 'git@git.example:..'],
  ['*.tfvars', 'a/b.tfvars'],
  ['a.b', 'axb'],
  ['', 'x'],
])('%s does not cover %j', (pattern, text) => expect(isCovered(pattern, text)).toBe(false));

test('no text takes long, whatever the pattern', () => {
  expect(isCovered(`${'**a'.repeat(50)}!`, 'a'.repeat(2048))).toBe(false);
});
