import type { Change } from '../api/api';
import { keyOf, type Ref } from './entity';
import type { Entity } from './types';

/** An entity as the server last said it, and the event at which it did. */
export interface Confirmed {
	kind: string;
	entity: Entity;
	event: number;
}

/** What the server said. */
export class ConfirmedStore {
	#entities = new Map<string, Confirmed>();

	get(ref: Ref): Confirmed | undefined {
		return this.#entities.get(keyOf(ref));
	}

	put({ kind, entity }: Change, event: number): void {
		this.#entities.set(keyOf({ kind, id: entity.id }), { kind, entity, event });
	}

	forget(ref: Ref): void {
		this.#entities.delete(keyOf(ref));
	}

	/** Forgets what the snapshot of an event did not contain; returns it. */
	retain(seen: ReadonlySet<string>): Ref[] {
		const gone: Ref[] = [];
		for (const [key, { kind, entity }] of this.#entities) {
			if (seen.has(key)) continue;
			this.#entities.delete(key);
			gone.push({ kind, id: entity.id });
		}
		return gone;
	}
}
