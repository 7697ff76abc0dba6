import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { derivedId, idOf, newId } from './id';

interface Vector {
	kind: string;
	parts: string[];
	id: number;
	of?: Record<string, unknown>;
}

// The same vectors are read by Go (store/kind).
const vectors = JSON.parse(
	readFileSync(new URL('../../../../store/kind/testdata/derived.json', import.meta.url), 'utf8')
) as Vector[];

test.each(vectors)('derived id of $kind $parts', ({ kind, parts, id, of }) => {
	expect(derivedId(kind, ...parts)).toBe(id);
	if (of) expect(idOf(kind, of)).toBe(id);
});

test('random ids stay below the derived ones', () => {
	const ids = Array.from({ length: 2000 }, newId);
	expect(new Set(ids).size).toBe(ids.length);
	expect(Math.max(...ids)).toBeLessThan(2 ** 52);
	expect(Math.min(...ids)).toBeGreaterThan(0);
	// A third of them above 2^51 at least: the upper bits are used.
	expect(ids.filter((id) => id > 2 ** 51).length).toBeGreaterThan(600);
});
