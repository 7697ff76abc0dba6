import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
	{ ignores: ['dist', 'src/lib/api/gen', 'e2e/out'] },
	js.configs.recommended,
	...ts.configs.recommended,
	...svelte.configs.recommended,
	{
		languageOptions: { globals: { ...globals.browser, ...globals.node } },
		// The compiler knows which names exist, types too.
		rules: { 'no-undef': 'off' }
	},
	{
		files: ['**/*.svelte', '**/*.svelte.ts'],
		languageOptions: {
			parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig }
		}
	},
	{
		// The sync core stays free of any framework: only its adapter knows Svelte.
		files: ['src/lib/{replica,api,host}/**/*.ts'],
		ignores: ['src/lib/replica/live.svelte.ts'],
		rules: {
			'no-restricted-imports': ['error', { patterns: ['svelte', 'svelte/*'] }]
		}
	}
);
