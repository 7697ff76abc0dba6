import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merge } from './merge';

describe('merge', () => {
	it.each([
		['different lines', 'a\nb\nc', 'A\nb\nc', 'a\nb\nC', 'A\nb\nC', false],
		['one added above, one below', 'a\nb', '0\na\nb', 'a\nb\n9', '0\na\nb\n9', false],
		['the same change', 'a\nb', 'a\nX', 'a\nX', 'a\nX', false],
		['the same line', 'a\nb\nc', 'a\nmine\nc', 'a\ntheirs\nc', 'a\ntheirs\nmine\nc', true],
		['nothing typed', 'a', 'a', 'b', 'b', false]
	])('%s', (_, base, mine, theirs, text, overlap) => {
		expect(merge(base, mine, theirs)).toEqual({ text, overlap });
	});

	it('loses no line either of them added', () => {
		const texts = fc.array(fc.constantFrom<string>('a', 'b', 'c', 'd'), { maxLength: 6 });
		fc.assert(
			fc.property(texts, fc.nat(6), fc.nat(6), (lines, x, y) => {
				const mine = lines.toSpliced(x, 0, 'mine');
				const theirs = lines.toSpliced(y, 0, 'theirs');
				const merged = merge(lines.join('\n'), mine.join('\n'), theirs.join('\n')).text.split('\n');
				expect(merged).toEqual(expect.arrayContaining(['mine', 'theirs']));
			})
		);
	});
});
