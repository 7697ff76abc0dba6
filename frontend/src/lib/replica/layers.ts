import type { Change } from '../api/api';
import type { Clock } from '../api/clock';
import { ConfirmedStore } from './confirmed';
import { keyOf, type Ref } from './entity';
import type { Outbox } from './outbox';
import { overlay, refOf, type Pending } from './pending';
import type { Entity } from './types';
import { View } from './view';

/**
 * What the server confirmed, own writes laid over it, and what is shown of both.
 * Whatever changes one of the first two goes through here, so that the third follows.
 */
export class Layers {
	readonly view = new View();
	#confirmed = new ConfirmedStore();
	#aliases = new Map<string, number>();
	/** What the snapshot that is coming in contained so far. */
	#seen = new Set<string>();
	#changed = new Set<string>();

	constructor(
		readonly outbox: Outbox,
		private readonly clock: Clock
	) {}

	/** As shown, found by any id it ever had here. */
	get(kind: string, id: number): Entity | undefined {
		return this.view.get(this.resolve(kind, id));
	}

	/** Own writes to an entity that are not confirmed. */
	pending(ref: Ref): readonly Pending[] {
		return this.outbox.of(keyOf(ref));
	}

	/** The event at which what is written over was last seen confirmed. */
	base(ref: Ref): number {
		return this.#confirmed.get(ref)?.event ?? this.pending(ref).at(-1)?.base ?? 0;
	}

	/** An id that turned out to be taken still finds the entity. */
	resolve(kind: string, id: number): Ref {
		for (
			let next = this.#aliases.get(`${kind}/${id}`);
			next !== undefined;
			next = this.#aliases.get(`${kind}/${id}`)
		)
			id = next;
		return { kind, id };
	}

	/** Notes that something of a kind has changed; '' as in subscribe. */
	touch(kind: string): void {
		this.#changed.add(kind);
	}

	/** The kinds that have changed since this was last asked. */
	takeChanged(): ReadonlySet<string> {
		const changed = this.#changed;
		this.#changed = new Set();
		return changed;
	}

	/** Shows anew what is known of an entity. */
	show(ref: Ref): void {
		const shown = overlay(this.#confirmed.get(ref)?.entity, this.pending(ref));
		if (this.view.set(ref, shown)) this.touch(ref.kind);
	}

	showAll(refs: Iterable<Ref>): void {
		for (const ref of refs) this.show(ref);
	}

	// What the server says.

	begin(): void {
		this.#seen.clear();
	}

	part(changes: Change[], id: number): void {
		for (const change of changes) {
			this.#seen.add(keyOf(refOf(change)));
			this.#take(change, change.event ?? id);
		}
	}

	whole(id: number, anew: boolean): void {
		this.showAll(this.#confirmed.retain(this.#seen));
		this.#seen = new Set();
		if (anew) this.rebase();
		else this.confirm(id);
	}

	/** What is unsent was written over what another epoch had. */
	rebase(): void {
		this.showAll(this.outbox.rebaseAll((ref) => this.#confirmed.get(ref)));
	}

	event(changes: Change[], id: number): void {
		for (const change of changes) {
			const newer = this.#confirmed.get(refOf(change));
			// The rest of a snapshot that was cut is newer than its cursor.
			if (!newer || newer.event <= id) this.#take(change, change.event ?? id);
		}
		this.confirm(id);
	}

	forget(kind: string, ids: number[]): void {
		for (const id of ids) {
			this.#confirmed.forget({ kind, id });
			this.show({ kind, id });
		}
	}

	forgetAll(): void {
		this.showAll(this.#confirmed.retain(new Set()));
	}

	/** Everything up to an event has been applied: own writes it confirms need not lie over it. */
	confirm(id: number): void {
		this.showAll(this.outbox.confirm(id).map(refOf));
	}

	/** Ids turned out to be taken, and what is unsent has got others; references may have turned in any of it. */
	renamed(renamed: readonly { from: Ref; to: number }[]): void {
		for (const { from, to } of renamed) {
			this.#aliases.set(keyOf(from), to);
			this.showAll([from, { kind: from.kind, id: to }]);
		}
		if (renamed.length === 0) return;
		this.showAll([...this.view.refs()].filter((ref) => this.pending(ref).length > 0));
	}

	#take(change: Change, event: number): void {
		this.clock.observe(change.entity.updatedAt);
		this.#confirmed.put(change, event);
		this.show(refOf(change));
	}
}
