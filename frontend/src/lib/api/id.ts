import { sha256 } from '@noble/hashes/sha2.js';
import { kinds, type KindSpec } from './gen/kinds';

const derivedBit = 2 ** 52;

/** A random id in 1 … 2^52−1. */
export function newId(): number {
	for (;;) {
		const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
		const id = (high >>> 12) * 2 ** 32 + low;
		if (id !== 0) return id;
	}
}

/**
 * The id of a thing that is named by its content: 2^52 plus the first 52 bits of
 * SHA-256(kind, 0x00, part, 0x00, part …). Not crypto.subtle: it is missing where
 * the page came over plain http.
 */
export function derivedId(kind: string, ...parts: string[]): number {
	const sum = new DataView(sha256(new TextEncoder().encode([kind, ...parts].join('\0'))).buffer);
	return derivedBit + (sum.getUint32(0) * 2 ** 20 + (sum.getUint32(4) >>> 12));
}

/** The id its fields give an entity of a kind; undefined where ids are random. */
export function idOf(kind: string, fields: Readonly<Record<string, unknown>>): number | undefined {
	const spec = specOf(kind);
	if (!spec) return undefined;
	if (spec.fixedId !== undefined) return spec.fixedId;
	if (spec.derived.length === 0) return undefined;
	return derivedId(kind, ...spec.derived.map((path) => textOf(memberOf(fields, path))));
}

/** What is known of a kind; undefined of one this program does not know. */
export function specOf(kind: string): KindSpec | undefined {
	return (kinds as Record<string, KindSpec>)[kind];
}

function memberOf(fields: Readonly<Record<string, unknown>>, path: string): unknown {
	let value: unknown = fields;
	for (const name of path.split('/')) value = (value as Record<string, unknown> | undefined)?.[name];
	return value;
}

function textOf(value: unknown): string {
	return value === undefined || value === null ? '' : String(value);
}
