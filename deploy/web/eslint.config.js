import js from '@eslint/js';
import globals from 'globals';

export default [
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    languageOptions: { ecmaVersion: 2025, sourceType: 'module' },
    // no-unused-private-class-members takes `??=` for no use.
    rules: {
      'no-unused-private-class-members': 'off',
      eqeqeq: 'error', 'no-var': 'error', 'prefer-const': ['error', { destructuring: 'all' }], 'no-implicit-globals': 'error', 'no-eval': 'error' },
  },
  { files: ['page/**'], languageOptions: { globals: globals.browser } },
  { files: ['test/**'], languageOptions: { globals: globals.node } },
];
