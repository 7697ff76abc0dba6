// Order by hand: string keys between neighbours, ties broken by id.
import { generateKeyBetween, generateNKeysBetween } from 'fractional-indexing';

export interface Ordered {
	id: number;
	orderKey?: string;
}

export function byOrder(a: Ordered, b: Ordered): number {
	const [x, y] = [a.orderKey ?? '', b.orderKey ?? ''];
	return x < y ? -1 : x > y ? 1 : a.id - b.id;
}

/** For sorting by time, the latest first; equal times keep their order. */
export function latestFirst(a = '', b = ''): number {
	return a < b ? 1 : a > b ? -1 : 0;
}

/**
 * The keys to write so that `moving` stands at index among the sorted siblings.
 * Usually one; all of them when neighbours tie, as two people who add at the
 * same moment offline make them.
 */
export function placeAt(
	sorted: readonly Ordered[],
	moving: number,
	index: number
): [id: number, orderKey: string][] {
	const others = sorted.filter(({ id }) => id !== moving);
	const key = between(others[index - 1]?.orderKey, others[index]?.orderKey);
	const bounded =
		(index === 0 || others[index - 1]?.orderKey) && (index >= others.length || others[index]?.orderKey);
	if (key !== undefined && bounded) return [[moving, key]];
	const ids = others.map(({ id }) => id);
	ids.splice(index, 0, moving);
	const keys = generateNKeysBetween(null, null, ids.length);
	return ids.map((id, at) => [id, keys[at]!]);
}

/** n keys in front of everything there is, in order. */
export function keysInFront(of: Iterable<Ordered>, n: number): string[] {
	let least: string | undefined;
	for (const { orderKey } of of) if (orderKey && (least === undefined || orderKey < least)) least = orderKey;
	try {
		return generateNKeysBetween(null, least ?? null, n);
	} catch {
		return generateNKeysBetween(null, null, n);
	}
}

function between(before: string | undefined, after: string | undefined): string | undefined {
	try {
		return generateKeyBetween(before ?? null, after ?? null);
	} catch {
		return undefined;
	}
}
