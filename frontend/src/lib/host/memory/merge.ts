// The merge rule (PROTOCOL.md), simplified: a text is decided like any other field.
import { difference, getUnit, living, withUnits } from '../../replica/entity';
import type { Entity } from '../../replica/types';
import type { Replacement } from '../../api/api';

export interface Author {
	userId: number;
	sessionId: number;
}

export interface Superseded {
	unit: string;
	value: unknown;
	by: Author;
	stamp: string;
}

/** An entity as one event left it. */
export interface Version {
	eventId: number;
	at: string;
	by: Author;
	stamp: string;
	changed: string[];
	entity: Entity;
	superseded: Superseded[];
}

export interface Outcome {
	status: 'applied' | 'merged';
	stamp: string;
	changed: string[];
	entity: Entity;
	superseded: Superseded[];
}

/** Edits that do not bring a deleted thing back. */
const slight = new Set(['done', 'doneAt', 'doneBy', 'orderKey']);

/** versions: of the entity, oldest first. A string is the code of a refusal. */
export function merge(versions: readonly Version[], replacement: Replacement, by: Author): Outcome | string {
	const { kind, base = 0 } = replacement;
	const entity = replacement.entity as Entity;
	const current = versions.at(-1);
	const stamp = entity.updatedAt;
	if (!current) {
		if (entity.deleted || base !== 0) return 'unknown-id';
		return {
			status: 'applied',
			stamp,
			changed: unitsOf(kind, blank(entity), entity),
			entity,
			superseded: []
		};
	}
	const theirs = versions.filter(
		(version) => version.eventId > base && version.by.sessionId !== by.sessionId
	);
	const first = versions[0];
	if (base === 0 && entity.id < 2 ** 52 && first?.by.sessionId !== by.sessionId) return 'id-conflict';
	const status = theirs.length > 0 ? 'merged' : 'applied';
	const later =
		stamp > current.entity.updatedAt ? { updatedAt: stamp } : { updatedAt: current.entity.updatedAt };
	if (entity.deleted) {
		const superseded = theirs
			.filter((version) => !version.entity.deleted)
			.flatMap((version) => version.changed.map((unit) => lost(kind, unit, version)));
		const changed = current.entity.deleted ? [] : ['deleted'];
		return { status, stamp, changed, entity: { ...entity, ...later }, superseded };
	}
	const seen = versions.findLast((version) => !theirs.includes(version) && living(version.entity))?.entity;
	const wanted = replacement.changed ?? unitsOf(kind, seen ?? blank(entity), entity);
	let onto = current.entity;
	let changed: string[] = [];
	if (onto.deleted) {
		if (!theirs.some((version) => version.entity.deleted)) {
			return {
				status,
				stamp,
				changed: ['deleted', ...unitsOf(kind, blank(entity), entity)],
				entity: { ...entity, ...later },
				superseded: []
			};
		}
		const last = versions.findLast((version) => living(version.entity))?.entity;
		if (!last || wanted.every((unit) => slight.has(unit))) {
			const superseded = wanted.map((unit) => ({ unit, value: getUnit(kind, entity, unit), by, stamp }));
			return { status: 'merged', stamp, changed: [], entity: onto, superseded };
		}
		onto = last;
		changed = ['deleted'];
	}
	const superseded: Superseded[] = [];
	const taken: Record<string, unknown> = {};
	for (const unit of wanted) {
		const mine = getUnit(kind, entity, unit) ?? null;
		const rival = theirs.findLast((version) => version.changed.includes(unit));
		if (!rival || JSON.stringify(mine) === JSON.stringify(getUnit(kind, onto, unit) ?? null))
			taken[unit] = mine;
		else if (stamp > rival.stamp || (stamp === rival.stamp && by.sessionId > rival.by.sessionId)) {
			superseded.push(lost(kind, unit, rival));
			taken[unit] = mine;
		} else superseded.push({ unit, value: mine, by, stamp });
	}
	const merged = { ...withUnits(kind, onto, taken), ...later };
	return { status, stamp, changed: [...changed, ...unitsOf(kind, onto, merged)], entity: merged, superseded };
}

function lost(kind: string, unit: string, version: Version): Superseded {
	return { unit, value: getUnit(kind, version.entity, unit), by: version.by, stamp: version.stamp };
}

function unitsOf(kind: string, from: Entity, to: Entity): string[] {
	return Object.keys(difference(kind, from, to)).sort();
}

function blank(entity: Entity): Entity {
	return { id: entity.id, updatedAt: entity.updatedAt };
}
