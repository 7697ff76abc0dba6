import { describe, expect, it } from 'vitest';
import { destinations, destinationOf, parseHash } from './router.svelte';

describe('parseHash', () => {
	it.each([
		['', { screen: 'today' }],
		['#/', { screen: 'today' }],
		['#/lists', { screen: 'lists' }],
		['#/lists/4503599627370495', { screen: 'list', id: 4503599627370495 }],
		['#/lists/archive', { screen: 'archive' }],
		['#/lists/x', { screen: 'nowhere' }],
		['#/lists/1/2', { screen: 'nowhere' }],
		['#/agenda/2026-11-21', { screen: 'agenda', day: '2026-11-21' }],
		['#/agenda/soon', { screen: 'agenda', day: undefined }],
		['#/constructor', { screen: 'nowhere' }],
		['#/pair/ABCD-EFGH', { screen: 'devices', code: 'ABCD-EFGH' }],
		['#/pair/<b>', { screen: 'nowhere' }],
		['#/join/k3vS_x-9', { screen: 'join', code: 'k3vS_x-9' }],
		['#/join', { screen: 'nowhere' }],
		[
			'#/callback/home?code=a%2Fb&state=c',
			{ screen: 'callback', method: 'home', answer: 'code=a%2Fb&state=c' }
		],
		['#/callback', { screen: 'nowhere' }],
		['#tgAuthResult=eyJ=', { screen: 'callback', method: 'telegram', answer: 'telegram=eyJ%3D' }]
	])('%j', (hash, want) => {
		expect(parseHash(hash)).toEqual(want);
	});

	it('reaches every destination', () => {
		for (const { path, screen } of destinations) expect(destinationOf(parseHash(path))).toBe(screen);
	});
});
