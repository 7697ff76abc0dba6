import { expect, test } from 'vitest';
import { Outbox } from './outbox';
import type { Entity } from './types';

const stamp = '2026-11-21T08:00:00.000Z';
const event = { epoch: 1, id: 9 };

function item(id: number, fields: Record<string, unknown> = {}): Entity {
	return { id, updatedAt: stamp, ...fields };
}

function creation(id: number, act = 1) {
	return { act, kind: 'item', entity: item(id, { listId: 1, title: 'x' }), base: 0 };
}

test('what was written over a thing whose id was taken goes along to the new id', () => {
	const outbox = new Outbox();
	outbox.add(creation(7));
	const units = { listId: 2 };
	outbox.add({ act: 2, kind: 'item', entity: item(7, { listId: 2, title: 'x' }), base: 0, units });
	expect(outbox.next()?.replacements).toHaveLength(2);
	const taken = { status: 'rejected', code: 'id-conflict' } as const;
	const { refused, renamed } = outbox.answer({ event, results: [taken, taken] });
	expect(refused).toEqual([]);
	expect(renamed).toHaveLength(1);
	expect(outbox.next()?.replacements.map(({ entity }) => entity.id)).toEqual([
		renamed[0]!.to,
		renamed[0]!.to
	]);
});

test('every batch of an act that needs several names it, and has nothing else', () => {
	const outbox = new Outbox();
	for (const id of [1, 2, 3]) outbox.add(creation(id, 1));
	outbox.add(creation(4, 2));
	const first = outbox.next(2);
	const done = { status: 'applied' } as const;
	outbox.answer({ event, results: [done, done] });
	const second = outbox.next(2);
	expect(first?.act).toBeDefined();
	expect(second?.act).toBe(first?.act);
	expect(second?.replacements.map(({ entity }) => entity.id)).toEqual([3]);
	outbox.answer({ event, results: [done] });
	const third = outbox.next(2);
	expect(third?.replacements.map(({ entity }) => entity.id)).toEqual([4]);
	expect(third?.act).toBeUndefined();
});

test('in another epoch what is not there is not deleted', () => {
	const outbox = new Outbox();
	const gone = { act: 1, kind: 'item', base: 3 };
	outbox.add({ ...gone, entity: item(7, { deleted: true }) });
	outbox.add({ ...gone, entity: item(8, { deleted: true }) });
	outbox.rebaseAll(({ id }) => (id === 8 ? { event: 2 } : undefined));
	expect(outbox.next()?.replacements).toEqual([
		{ kind: 'item', entity: item(8, { deleted: true }), base: 2 }
	]);
});
