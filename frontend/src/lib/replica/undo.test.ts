import { expect, test } from 'vitest';
import { UndoStack, type Done } from './undo';

function storage() {
	const kept = new Map<string, string>();
	return {
		getItem: (name: string) => kept.get(name) ?? null,
		setItem: (name: string, value: string) => void kept.set(name, value),
		text: () => [...kept.values()].join()
	};
}

function made(id: number, fields: Record<string, unknown>): Done {
	const at = '2026-11-21T08:00:00.000Z';
	return { label: `made ${id}`, at, steps: [{ kind: 'item', id, after: { id, updatedAt: at, ...fields } }] };
}

test('steps follow a thing to its new id, also after a reload', () => {
	const keep = storage();
	const stack = new UndoStack(keep);
	stack.open(9);
	stack.did(made(7, { listId: 1 }));
	stack.did(made(8, { listId: 1 }));
	stack.rename({ kind: 'item', id: 7 }, 70);
	stack.rename({ kind: 'list', id: 1 }, 10);
	const later = new UndoStack(keep);
	later.open(9);
	expect(later.undone()?.steps[0]?.after).toMatchObject({ id: 8, listId: 10 });
	expect(later.undone()?.steps[0]).toMatchObject({ id: 70, after: { id: 70, listId: 10 } });
});

test("what one person did is not kept under the next one's hands", () => {
	const keep = storage();
	const stack = new UndoStack(keep);
	stack.open(9);
	stack.did(made(7, { title: 'A secret' }));
	stack.open(8);
	expect(stack.undoable).toBeUndefined();
	expect(keep.text()).not.toContain('secret');
});

test('of very much the latest acts are kept', () => {
	const keep = storage();
	const stack = new UndoStack(keep);
	stack.open(9);
	for (const id of [1, 2, 3]) stack.did(made(id, { title: 'x'.repeat(200_000) }));
	const later = new UndoStack(keep);
	later.open(9);
	expect([later.undone()?.label, later.undone()?.label, later.undone()]).toEqual([
		'made 3',
		'made 2',
		undefined
	]);
});
