import type { Replacement } from '../api/api';
import { living, withUnits, type Ref, type Units } from './entity';
import type { Entity } from './types';

/** An own write the server has not confirmed. */
export interface Pending {
	/** Numbers the writes of this page from 1. */
	seq: number;
	/** The act it belongs to; writes of one act travel together. */
	act: number;
	kind: string;
	/** Whole, as written. */
	entity: Entity;
	/** The event at which the entity was last seen confirmed when this was written. */
	base: number;
	/** What it means to change; absent: everything. */
	units?: Units;
	/** The event that confirms it, once the server has answered. */
	event?: number;
}

/** A write the server did not take, and its reason. */
export interface Refusal {
	write: Pending;
	code: string;
	message: string;
	field?: string;
}

export function refOf(write: { kind: string; entity: Entity }): Ref {
	return { kind: write.kind, id: write.entity.id };
}

export function replacementOf(write: Pending): Replacement {
	const { kind, entity, base, units } = write;
	return units ? { kind, entity, base, changed: Object.keys(units).sort() } : { kind, entity, base };
}

/** What is shown: own writes laid over what the server confirmed, unit by unit. */
export function overlay(confirmed: Entity | undefined, writes: readonly Pending[]): Entity | undefined {
	let shown = confirmed;
	for (const { kind, entity, units } of writes) {
		if (!units) shown = living(shown) && !entity.deleted ? { ...shown, ...entity } : entity;
		else if (living(shown)) shown = { ...withUnits(kind, shown, units), updatedAt: entity.updatedAt };
	}
	return shown;
}
