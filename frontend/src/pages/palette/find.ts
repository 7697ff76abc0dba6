// Finds things by the words of their names, close enough and at once.
import type { Live } from '../../lib/replica/live.svelte';
import { latestFirst } from '../../lib/ui/order';
import type { Entity } from '../../lib/replica/types';
import { kinds, type KindName } from '../../kinds/kinds';

export interface Found {
	kind: KindName;
	entity: Entity;
	title: string;
	path: string;
}

const searched: readonly KindName[] = ['list', 'note', 'event', 'user', 'item'];

/** At most n: names that begin so, then words that do, then anything inside; newest first among equals. */
export function find(live: Live, typed: string, n: number): Found[] {
	const words = fold(typed).split(/\s+/).filter(Boolean);
	const seen = new Set<string>();
	const found: (Found & { rank: number })[] = [];
	for (const kind of searched) {
		const { title: titleOf, path: pathOf } = kinds[kind];
		for (const entity of live.all(kind)) {
			const title = titleOf(entity);
			const rank = words.length ? rankOf(foldedTitle(entity, title), words) : kind === 'item' ? 0 : 1;
			if (!rank) continue;
			const path = pathOf(entity);
			const key = `${kind}/${path}/${title.toLowerCase()}`;
			// Bought again and again: once is enough.
			if (!path || seen.has(key)) continue;
			seen.add(key);
			found.push({ kind, entity, title, path, rank: rank + (kind === 'item' ? 0 : 0.5) });
		}
	}
	return found
		.sort((a, b) => b.rank - a.rank || latestFirst(a.entity.updatedAt, b.entity.updatedAt))
		.slice(0, n);
}

function rankOf(title: string, words: readonly string[]): number {
	let rank = 3;
	for (const word of words) {
		const at = title.indexOf(word);
		if (at < 0) return 0;
		if (at > 0) rank = Math.min(rank, title.includes(' ' + word) ? 2 : 1);
	}
	return rank;
}

// Folding forty thousand names at every key would be felt.
const folded = new WeakMap<Entity, string>();

function foldedTitle(entity: Entity, title: string): string {
	let text = folded.get(entity);
	if (text === undefined) folded.set(entity, (text = fold(title)));
	return text;
}

function fold(text: string): string {
	return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
