import js from '@eslint/js';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['**/dist/', '**/.next/', '**/*.mjs', '!e2e/support/mutants/*.mjs', '**/*.d.ts', '.dibs/', 'artifacts/'] },
  js.configs.recommended,
  ...ts.configs.recommendedTypeChecked,
  {
    ignores: ['**/*.mjs'],
    languageOptions: {
      parserOptions: {
        project: ['./{shared,server,runner,dashboard,bench}/tsconfig.json', './tsconfig.tests.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  {
    // plain JavaScript, in no project of TypeScript's
    files: ['**/*.mjs'],
    extends: [ts.configs.disableTypeChecked],
    languageOptions: { globals: { console: 'readonly', process: 'readonly', performance: 'readonly' } },
  },
);
