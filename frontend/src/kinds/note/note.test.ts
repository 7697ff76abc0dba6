import { describe, expect, it } from 'vitest';
import { excerpt, toggleTick } from './note';

const body = '# Packing\n- [ ] tent\n- [x] stove\n```\n- [ ] code\n```\n1. [ ] map';

describe('toggleTick', () => {
	it.each([
		[0, '- [ ] tent', '- [x] tent'],
		[1, '- [x] stove', '- [ ] stove'],
		[2, '1. [ ] map', '1. [x] map']
	])('turns number %i over and nothing else', (nth, from, to) => {
		expect(toggleTick(body, nth)).toBe(body.replace(from, to));
	});

	it('leaves the text when there is no such box', () => {
		expect(toggleTick(body, 3)).toBe(body);
	});
});

describe('excerpt', () => {
	it('shows words, not signs', () => {
		expect(excerpt('## Wifi\n- [ ] **Key**: [here](http://a)\n')).toBe('Wifi Key: here');
	});

	it('reads tables cell by cell', () => {
		expect(excerpt('| Who | Number |\n| --- | --- |\n| Police | 110 |')).toBe('Who Number Police 110');
	});

	it('ends in an ellipsis', () => {
		expect(excerpt('word '.repeat(50), 9)).toBe('word word…');
	});
});
