import { describe, expect, it } from 'vitest';
import { parse } from './parse';

describe('parse', () => {
	it.each([
		['milk', [{ title: 'milk' }]],
		[
			'milk, 2 kg flour, eggs',
			[{ title: 'milk' }, { title: 'flour', quantity: 2, unit: 'kg' }, { title: 'eggs' }]
		],
		['1,5 l Milch,Brot', [{ title: 'Milch', quantity: 1.5, unit: 'l' }, { title: 'Brot' }]],
		['500g Hack', [{ title: 'Hack', quantity: 500, unit: 'g' }]],
		['3 eggs', [{ title: 'eggs', quantity: 3 }]],
		['2 x Butter', [{ title: 'Butter', quantity: 2 }]],
		['7up', [{ title: '7up' }]],
		['2026 taxes', [{ title: '2026 taxes' }]],
		['- [ ] bread\n* cheese\n\n', [{ title: 'bread' }, { title: 'cheese' }]],
		[' , ;', []]
	])('%j', (text, want) => {
		expect(parse(text)).toEqual(want);
	});
});
