// What was deleted together comes back together: a container with its contents.
import { latestFirst } from '../../lib/ui/order';
import { kindUI } from '../../kinds/kinds';
import type { Trash } from '../../lib/replica/types';

type Entry = Trash['entries'][number];

export interface Bin {
	head: Entry;
	inside: Entry[];
	at: string;
}

/** The entries, contents put into the container that was deleted in the same event. */
export function binsOf(entries: readonly Entry[]): Bin[] {
	const bins = new Map<string, Bin>();
	for (const head of entries) bins.set(key(head.kind, head.last.id), { head, inside: [], at: head.at });
	for (const entry of entries) {
		const parent = kindUI(entry.kind).parent;
		const bin = parent && bins.get(key(parent.kind, Number(entry.last[parent.field])));
		if (!bin || bin.head.base !== entry.base) continue;
		bin.inside.push(entry);
		bins.delete(key(entry.kind, entry.last.id));
	}
	return [...bins.values()].sort((a, b) => latestFirst(a.at, b.at));
}

const key = (kind: string, id: number) => `${kind}/${id}`;
