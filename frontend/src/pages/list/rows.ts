// A list as rows: what is open, by category when there are any, then what is done.
import { groupBy } from '../../lib/ui/groups';
import type { Category, Item } from '../../kinds/item/item';
import { byOrder, latestFirst } from '../../lib/ui/order';

export type Row =
	| { type: 'item'; key: number; item: Item }
	| { type: 'category'; key: string; category: Category | undefined }
	| { type: 'done'; key: 'done'; count: number };

/** The rows, and what is open and done in the order of the rows. isDone says where an item is shown, which may lag behind its tick. */
export function rowsOf(
	items: readonly Item[],
	categories: readonly Category[],
	isDone: (item: Item) => boolean,
	showDone: boolean
): { rows: Row[]; open: Item[]; done: Item[] } {
	const byHand: Item[] = [];
	const done: Item[] = [];
	for (const item of items) (isDone(item) ? done : byHand).push(item);
	byHand.sort(byOrder);
	done.sort((a, b) => latestFirst(a.doneAt, b.doneAt));

	const rows: Row[] = [];
	const open: Item[] = [];
	const byId = new Map(categories.map((category) => [category.id, category]));
	const grouped = groupBy(byHand, ({ categoryId }) => byId.get(categoryId ?? 0));
	const named = [...grouped.keys()].filter((category) => category !== undefined).sort(byOrder);
	for (const category of [...named, undefined]) {
		const members = grouped.get(category);
		if (!members) continue;
		if (named.length) rows.push({ type: 'category', key: `category-${category?.id ?? 0}`, category });
		for (const item of members) rows.push({ type: 'item', key: item.id, item });
		open.push(...members);
	}
	if (done.length) rows.push({ type: 'done', key: 'done', count: done.length });
	if (showDone) for (const item of done) rows.push({ type: 'item', key: item.id, item });
	return { rows, open, done };
}
