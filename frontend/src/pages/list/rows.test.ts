import { expect, test } from 'vitest';
import type { Category, Item } from '../../kinds/item/item';
import { rowsOf } from './rows';

const at = '2026-11-21T08:00:00.000Z';

function item(id: number, orderKey: string, fields: Partial<Item> = {}): Item {
	return { id, updatedAt: at, listId: 1, title: `item ${id}`, orderKey, ...fields } as Item;
}

test('what is open comes in the order in which it is shown: by category, then by hand', () => {
	const categories = [
		{ id: 1, updatedAt: at, name: 'Dairy', orderKey: 'a1' },
		{ id: 2, updatedAt: at, name: 'Fruit', orderKey: 'a0' }
	] as unknown as Category[];
	const items = [
		item(10, 'a3', { categoryId: 1 }),
		item(11, 'a2', { categoryId: 2 }),
		item(12, 'a1', { categoryId: 1 }),
		item(13, 'a0'),
		item(14, 'a0', { done: true, doneAt: at })
	];
	const { rows, open, done } = rowsOf(items, categories, (each) => each.done === true, true);
	expect(open.map(({ id }) => id)).toEqual([11, 12, 10, 13]);
	expect(done.map(({ id }) => id)).toEqual([14]);
	expect(rows.map(({ key }) => key)).toEqual([
		'category-2',
		11,
		'category-1',
		12,
		10,
		'category-0',
		13,
		'done',
		14
	]);
});
