// An item of a list.
import type * as kinds from '../../lib/api/gen/kinds';
import type { Live } from '../../lib/replica/live.svelte';
import type { Entity } from '../../lib/replica/types';

export type Item = kinds.Item & Entity;
export type Category = kinds.Category & Entity;

/** What items are grouped by; the other categories are for events. */
export const isAisle = (category: Category) => category.use !== 'label';

/** '2 kg', '3', or nothing. */
export function amount(item: Pick<Item, 'quantity' | 'unit'>, tag: string): string {
	const number = item.quantity === undefined ? '' : item.quantity.toLocaleString(tag);
	return [number, item.unit].filter(Boolean).join(' ');
}

/** Ticks or opens it again, as the person of this session. */
export function setDone(live: Live, item: Item, done: boolean, at: Date): void {
	live.edit('item', item.id, {
		done,
		doneAt: done ? at.toISOString() : undefined,
		doneBy: done ? live.session?.user.id : undefined
	});
}
