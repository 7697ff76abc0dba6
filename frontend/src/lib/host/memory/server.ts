import type { Batch, BatchResult, Change, Cursor, Result } from '../../api/api';
import { newId, specOf } from '../../api/id';
import { keyOf } from '../../replica/entity';
import type { Entity } from '../../replica/types';
import { merge, type Author, type Version } from './merge';

export interface MemoryEvent {
	id: number;
	by: Author;
	at: string;
	replacements: Change[];
}

interface Thing {
	kind: string;
	versions: Version[];
}

/** A household in memory: for tests, and for building screens without a server. */
export class MemoryServer {
	epoch = newId();
	/** Tells streams about new events. */
	readonly wakers = new Set<() => void>();
	#events: MemoryEvent[] = [];
	#things = new Map<string, Thing>();
	#answers = new Map<string, BatchResult>();

	constructor(readonly now: () => number = Date.now) {}

	get head(): Cursor {
		return { epoch: this.epoch, id: this.#events.length };
	}

	after(id: number): MemoryEvent[] {
		return this.#events.slice(id);
	}

	entities(): Change[] {
		return [...this.#things.values()].map(({ kind, versions }) => ({ kind, entity: last(versions).entity }));
	}

	get(kind: string, id: number): Entity | undefined {
		return this.#things.get(keyOf({ kind, id }))?.versions.at(-1)?.entity;
	}

	push(batch: Batch, by: Author): BatchResult {
		const repeated = this.#answers.get(`${batch.replica}-${batch.seq}`);
		if (repeated) return repeated;
		const id = this.#events.length + 1;
		const at = new Date(this.now()).toISOString();
		const replacements: Change[] = [];
		const results = batch.replacements.map((replacement): Result => {
			const { kind } = replacement;
			const entity = replacement.entity as Entity;
			const missing = !entity.deleted && specOf(kind)?.required.find((field) => entity[field] === undefined);
			if (missing) return rejected('invalid', `${missing} is missing`, `entity.${missing}`);
			const key = keyOf({ kind, id: entity.id });
			const thing = this.#things.get(key) ?? { kind, versions: [] };
			const outcome = merge(thing.versions, replacement, by);
			if (typeof outcome === 'string') return rejected(outcome, `${kind} ${entity.id}`, 'entity.id');
			const first = thing.versions[0];
			const made = first
				? { created: first.at, createdBy: first.by.userId }
				: { created: at, createdBy: by.userId };
			const whole = outcome.entity.deleted
				? outcome.entity
				: { ...outcome.entity, ...made, updatedBy: by.userId };
			thing.versions.push({ ...outcome, entity: whole, eventId: id, at, by });
			this.#things.set(key, thing);
			replacements.push({ kind, entity: whole });
			return { status: outcome.status, entity: whole };
		});
		const taken = replacements.length > 0;
		if (taken) this.#events.push({ id, by, at, replacements });
		const result = { event: { epoch: this.epoch, id: taken ? id : 0 }, results };
		this.#answers.set(`${batch.replica}-${batch.seq}`, result);
		if (taken) for (const wake of this.wakers) wake();
		return result;
	}

	history(kind: string, id: number): Version[] {
		return [...(this.#things.get(keyOf({ kind, id }))?.versions ?? [])].reverse();
	}

	trash(): { kind: string; tombstone: Version; last: Entity }[] {
		return [...this.#things.values()]
			.filter(({ versions }) => last(versions).entity.deleted)
			.map(({ kind, versions }) => ({
				kind,
				tombstone: last(versions),
				last: versions.findLast((version) => !version.entity.deleted)?.entity ?? last(versions).entity
			}))
			.sort((a, b) => b.tombstone.eventId - a.tombstone.eventId);
	}

	/** As after a restore from a backup: only the first events are left, under another epoch. */
	rewind(events: number): void {
		this.epoch = newId();
		this.#events.length = events;
		this.#answers.clear();
		for (const [key, thing] of this.#things) {
			thing.versions = thing.versions.filter((version) => version.eventId <= events);
			if (thing.versions.length === 0) this.#things.delete(key);
		}
	}
}

function last(versions: Version[]): Version {
	const version = versions.at(-1);
	if (!version) throw new Error('a thing without versions');
	return version;
}

function rejected(code: string, message: string, field: string): Result {
	return { status: 'rejected', code, message, field };
}
