// The one place where the replica meets Svelte.
import { createSubscriber } from 'svelte/reactivity';
import type { LocalReplica } from './replica';
import type { Act, Entity, Parked, Patch, Replica, Session, Status, TakenBack } from './types';

/** A replica whose answers are followed by whatever reads them in an effect or a derived value. */
export class Live implements Replica {
	#replica: LocalReplica;
	// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing on the screen depends on who follows
	#followers = new Map<string, () => void>();

	constructor(replica: LocalReplica) {
		this.#replica = replica;
	}

	all<T extends Entity = Entity>(kind: string): readonly T[] {
		this.#follow(kind);
		return this.#replica.all<T>(kind);
	}

	children<T extends Entity = Entity>(kind: string, field: string, id: number): readonly T[] {
		this.#follow(kind);
		return this.#replica.children<T>(kind, field, id);
	}

	get<T extends Entity = Entity>(kind: string, id: number): T | undefined {
		this.#follow(kind);
		return this.#replica.get<T>(kind, id);
	}

	pending(kind: string, id: number): boolean {
		this.#follow(kind);
		this.#follow('');
		return this.#replica.pending(kind, id);
	}

	get status(): Status {
		this.#follow('');
		return this.#replica.status;
	}

	get session(): Session | undefined {
		this.#follow('');
		return this.#replica.session;
	}

	get parked(): readonly Parked[] {
		this.#follow('');
		return this.#replica.parked;
	}

	get undoable(): Act | undefined {
		this.#follow('');
		return this.#replica.undoable;
	}

	create = (kind: string, fields: Patch): number => this.#replica.create(kind, fields);
	edit = (kind: string, id: number, patch: Patch): void => this.#replica.edit(kind, id, patch);
	remove = (kind: string, id: number): void => this.#replica.remove(kind, id);
	restore = (kind: string, id: number, last: Entity): void => this.#replica.restore(kind, id, last);
	act = (label: string, fn: () => void): void => this.#replica.act(label, fn);
	undo = (): TakenBack | undefined => this.#replica.undo();
	redo = (): TakenBack | undefined => this.#replica.redo();
	retry = (seq: number): void => this.#replica.retry(seq);
	discard = (seq: number): void => this.#replica.discard(seq);
	abandon = (): void => this.#replica.abandon();
	syncNow = (): void => this.#replica.syncNow();
	subscribe = (listener: (kinds: ReadonlySet<string>) => void): (() => void) =>
		this.#replica.subscribe(listener);

	/** Runs whoever is reading again when the kind changes; one subscription a kind, while anybody reads. */
	#follow(kind: string): void {
		let follow = this.#followers.get(kind);
		if (!follow) {
			follow = createSubscriber((update) =>
				this.#replica.subscribe((kinds) => {
					if (kinds.has(kind)) update();
				})
			);
			this.#followers.set(kind, follow);
		}
		follow();
	}
}
