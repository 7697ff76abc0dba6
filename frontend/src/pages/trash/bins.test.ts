import { describe, expect, it } from 'vitest';
import { binsOf } from './bins';

const entry = (kind: string, id: number, base: number, fields: object = {}) => ({
	kind,
	tombstone: { id, updatedAt: '2026-11-21T10:00:00.000Z', deleted: true },
	last: { id, updatedAt: '2026-11-20T10:00:00.000Z', ...fields },
	base,
	at: `2026-11-21T10:00:0${base}.000Z`,
	by: { userId: 1, sessionId: 1 },
	until: '2027-02-19T10:00:00.000Z'
});

describe('binsOf', () => {
	it('puts the items into the list they went with, and no others', () => {
		const with7 = entry('item', 11, 5, { listId: 7 });
		const before = entry('item', 12, 3, { listId: 7 });
		const elsewhere = entry('item', 13, 5, { listId: 8 });
		const bins = binsOf([with7, before, elsewhere, entry('list', 7, 5)]);
		expect(bins.map(({ head, inside }) => [head.last.id, inside.map(({ last }) => last.id)])).toEqual([
			[13, []],
			[7, [11]],
			[12, []]
		]);
	});
});
