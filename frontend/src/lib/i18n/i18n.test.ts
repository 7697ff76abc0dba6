import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
	vi.unstubAllGlobals();
	vi.resetModules();
});

test('where the browser keeps nothing a language can be chosen for as long as the page lives', async () => {
	vi.stubGlobal('navigator', { languages: ['de-AT', 'en'] });
	vi.stubGlobal('localStorage', {
		getItem: () => {
			throw new DOMException('blocked', 'SecurityError');
		},
		setItem: () => {
			throw new DOMException('blocked', 'SecurityError');
		}
	});
	const { i18n } = await import('./i18n.svelte');
	expect(i18n.language).toBe('de');
	i18n.chosen = 'en';
	expect(i18n.language).toBe('en');
});
