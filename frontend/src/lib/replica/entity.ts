// Entities taken apart into units: the smallest things two people can be in
// conflict about, a field ("title") or one entry of a map field ("assignees/42").
import { specOf } from '../api/id';
import type { Entity, Patch } from './types';

/** Values by unit; null takes the unit away. */
export type Units = Record<string, unknown>;

export interface Ref {
	kind: string;
	id: number;
}

export function keyOf(ref: Ref): string {
	return `${ref.kind}/${ref.id}`;
}

/** Members that are no fields: two versions do not differ in them. */
const envelope = new Set(['id', 'updatedAt', 'deleted', 'created', 'createdBy', 'updatedBy']);

export function living(entity: Entity | undefined): entity is Entity {
	return entity !== undefined && !entity.deleted;
}

export function getUnit(kind: string, entity: Entity, unit: string): unknown {
	const [field, key] = split(kind, unit);
	const value = entity[field];
	return key === undefined ? value : isObject(value) ? value[key] : undefined;
}

/** The entity with the units set; the given one stays as it is. */
export function withUnits(kind: string, entity: Entity, units: Units): Entity {
	const out: Entity = { ...entity };
	for (const [unit, value] of Object.entries(units)) {
		const [field, key] = split(kind, unit);
		if (key === undefined) {
			put(out, field, value);
			continue;
		}
		const map = { ...(isObject(out[field]) ? out[field] : {}) };
		put(map, key, value);
		put(out, field, Object.keys(map).length > 0 ? map : null);
	}
	return out;
}

/** What a patch really changes in an entity: maps entry by entry, without what is so already. */
export function changedBy(kind: string, entity: Entity, patch: Patch): Units {
	const units: Units = {};
	for (const [name, value] of Object.entries(patch)) {
		if (envelope.has(name)) continue;
		if (isMap(kind, name)) Object.assign(units, entriesChanged(name, entity[name], value));
		else if (!equal(getUnit(kind, entity, name), value)) units[name] = value ?? null;
	}
	return units;
}

/** The units in which "to" differs from "from", with their values there. */
export function difference(kind: string, from: Entity, to: Entity): Units {
	const patch: Patch = {};
	for (const name of new Set([...Object.keys(from), ...Object.keys(to)])) patch[name] = to[name];
	return changedBy(kind, from, patch);
}

/** The fields of a new entity: without what is absent, and without what is not the page's to say. */
export function fieldsOf(entity: Patch): Patch {
	return Object.fromEntries(
		Object.entries(entity).filter(
			([name, value]) => !envelope.has(name) && value !== undefined && value !== null
		)
	);
}

/** Equal as JSON: absent, undefined and null are one. */
export function equal(a: unknown, b: unknown): boolean {
	if (a === b || (a ?? null) === (b ?? null)) return true;
	if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return false;
	const names = new Set([...Object.keys(a), ...Object.keys(b)]);
	return [...names].every((name) => equal(a[name], b[name]));
}

function entriesChanged(field: string, from: unknown, to: unknown): Units {
	const old = isObject(from) ? from : {};
	const now = isObject(to) ? to : {};
	const units: Units = {};
	for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
		if (!equal(old[key], now[key])) units[`${field}/${key}`] = now[key] ?? null;
	}
	return units;
}

function split(kind: string, unit: string): [field: string, key: string | undefined] {
	const slash = unit.indexOf('/');
	const field = unit.slice(0, slash);
	return slash < 0 || !isMap(kind, field) ? [unit, undefined] : [field, unit.slice(slash + 1)];
}

function isMap(kind: string, field: string): boolean {
	return specOf(kind)?.fields[field]?.merge === 'map';
}

function put(into: Record<string, unknown>, name: string, value: unknown): void {
	if (value === null || value === undefined) delete into[name];
	else into[name] = value;
}

export function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null;
}
