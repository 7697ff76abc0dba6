import { act } from '../../acts';
import type { List } from '../../kinds/list/list';
import { i18n } from '../../lib/i18n/i18n.svelte';
import type { Live } from '../../lib/replica/live.svelte';

/** Deletes the list with its items in one act: they come back together. */
export function removeList(live: Live, list: List): void {
	act(live, i18n.t.acts.deleted(list.title || i18n.t.act.untitled), () => {
		for (const item of live.children('item', 'listId', list.id)) live.remove('item', item.id);
		live.remove('list', list.id);
	});
}
