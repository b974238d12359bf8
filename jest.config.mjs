/** ESM mode: Nest 12 cannot be loaded by jest's CommonJS mode. `@dibs/shared` is read from source. */
const common = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dashboard/.next', '<rootDir>/.*/dist/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

/** Started only when a test of such a project is among those to run. */
const withDatabase = {
  ...common,
  globalSetup: '<rootDir>/scripts/jest-database.mjs',
  globalTeardown: '<rootDir>/scripts/jest-database-teardown.mjs',
};

/** The e2e tests start the built server and runner; `npm test` builds before it starts jest. */
export default {
  workerIdleMemoryLimit: '512MB',
  maxWorkers: 2,
  // half a second, as it is by default, is too short on a busy machine: it told of leaks that were none
  workerGracefulExitTimeout: 60_000,
  testSequencer: '<rootDir>/scripts/jest-sequencer.mjs',
  testTimeout: 120_000,
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/{shared,server,runner,dashboard}/src/**/*.test.ts'] },
    { ...withDatabase, displayName: 'server', testMatch: ['<rootDir>/server/test/**/*.test.ts'] },
    { ...common, displayName: 'runner', testMatch: ['<rootDir>/runner/test/**/*.test.ts'] },
    { ...common, displayName: 'scripts', testMatch: ['<rootDir>/scripts/**/*.test.mjs'] },
    { ...withDatabase, displayName: 'bench', testMatch: ['<rootDir>/bench/test/**/*.test.ts'] },
    { ...withDatabase, displayName: 'e2e', testMatch: ['<rootDir>/e2e/**/*.test.ts'] },
  ],
};
