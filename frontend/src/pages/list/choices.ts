// The menu of an item, the same on its list and on Today.
import ArrowDown from '@lucide/svelte/icons/arrow-down';
import ArrowUp from '@lucide/svelte/icons/arrow-up';
import ArrowUpToLine from '@lucide/svelte/icons/arrow-up-to-line';
import History from '@lucide/svelte/icons/history';
import Pencil from '@lucide/svelte/icons/pencil';
import Trash2 from '@lucide/svelte/icons/trash-2';
import { act, quietly } from '../../acts';
import type { AppContext } from '../../context';
import { setDone, type Item } from '../../kinds/item/item';
import { i18n } from '../../lib/i18n/i18n.svelte';
import type { Choice } from '../../lib/ui/Menu.svelte';

/** onmove: by that many places, undefined to the top; absent where order means nothing. */
export function itemChoices(
	{ live, showHistory }: AppContext,
	item: Item,
	onedit: () => void,
	onmove?: (by: number | undefined) => void
): Choice[] {
	const { act: words, acts } = i18n.t;
	const title = item.title || words.untitled;
	const moves: Choice[] =
		onmove && !item.done
			? [
					{ label: words.moveTop, icon: ArrowUpToLine, act: () => onmove(undefined) },
					{ label: words.moveUp, icon: ArrowUp, act: () => onmove(-1) },
					{ label: words.moveDown, icon: ArrowDown, act: () => onmove(1) }
				]
			: [];
	return [
		{ label: words.edit, icon: Pencil, act: onedit },
		...moves,
		{ label: words.history, icon: History, act: () => showHistory('item', item.id) },
		{
			label: words.delete,
			icon: Trash2,
			danger: true,
			act: () => act(live, acts.deleted(title), () => live.remove('item', item.id))
		}
	];
}

/** Ticks or opens it again, with the way back in a toast. */
export function tick({ live }: AppContext, item: Item, now: Date): void {
	const done = !item.done;
	const title = item.title || i18n.t.act.untitled;
	const write = () => setDone(live, item, done, now);
	// Opening again is seen where it happens; a tick takes the row away and needs a way back.
	if (done) act(live, i18n.t.acts.ticked(title), write);
	else quietly(live, i18n.t.acts.unticked(title), write);
}
