// What was on lists before, most often first.
import type { Item } from './item';

interface Known {
	title: string;
	times: number;
	categoryId?: number;
}

// The replica gives the same array until an item changes.
const known = new WeakMap<readonly Item[], Map<string, Known>>();

function history(items: readonly Item[]): Map<string, Known> {
	let titles = known.get(items);
	if (titles) return titles;
	titles = new Map();
	for (const { title, categoryId } of items) {
		if (!title) continue;
		const key = title.toLowerCase();
		const seen = titles.get(key);
		if (seen) {
			seen.times++;
			seen.categoryId ??= categoryId;
		} else titles.set(key, { title, times: 1, categoryId });
	}
	known.set(items, titles);
	return titles;
}

/** At most n titles that begin with what is typed, then those with a word that does. */
export function suggest(items: readonly Item[], typed: string, n: number): string[] {
	const needle = typed.trim().toLowerCase();
	if (!needle) return [];
	const rank = ({ title, times }: Known) => (title.toLowerCase().startsWith(needle) ? 1e6 : 0) + times;
	return [...history(items).values()]
		.filter(({ title }) => {
			const key = title.toLowerCase();
			return key !== needle && (key.startsWith(needle) || key.includes(' ' + needle));
		})
		.sort((a, b) => rank(b) - rank(a))
		.slice(0, n)
		.map(({ title }) => title);
}

/** The category the thing had before. */
export function usualCategory(items: readonly Item[], title: string): number | undefined {
	return history(items).get(title.toLowerCase())?.categoryId;
}
