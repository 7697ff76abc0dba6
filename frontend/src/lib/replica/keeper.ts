import type { KeptOutbox, Outbox } from './outbox';
import type { ParkedWrites } from './parked';
import type { Refusal } from './pending';

/** What a page keeps of one person: what is unsent, and what was not taken. */
export interface Unsent {
	/** The epoch of what was written over. */
	epoch: number;
	outbox?: KeptOutbox;
	refusals: Refusal[];
}

/** Where what is unsent outlives the page. */
export interface UnsentShelf {
	/** Keeps it in place of what this replica of this owner had; undefined: nothing any more. */
	keep(owner: string, replica: number, unsent: Unsent | undefined): Promise<void>;
	/** What a page that is gone has left; from now on no other page gets it. */
	take(owner: string): Promise<{ replica: number; unsent: Unsent } | undefined>;
}

interface Kept {
	outbox: Outbox;
	parked: ParkedWrites;
	epoch(): number;
	/** Left by a page that is gone: goes on with it. */
	resume(unsent: Unsent): void;
	/** Something has been kept, or taken up. */
	moved(): void;
}

/** Keeps on the disk what a page has unsent, as it changes. */
export class Keeper {
	#owner: string | undefined;
	/** What was left has been looked for. */
	#opened = false;
	/** Under which number the refusals lie that were taken up with an outbox. */
	#replica = 0;
	#resumed = false;
	#kept = 0;
	/** What could not be kept. */
	#failed = -1;
	#running: Promise<void> | undefined;

	constructor(
		private readonly shelf: UnsentShelf,
		private readonly of: Kept
	) {}

	/** Nothing is sent before what a page left before is here: it comes first. */
	get opened(): boolean {
		return this.#opened;
	}

	/** Everything is on the disk as it is. */
	get saved(): boolean {
		return this.#kept === this.#version || this.#isEmpty;
	}

	get #version(): number {
		return this.of.outbox.version + this.of.parked.version;
	}

	get #stale(): boolean {
		return this.#kept !== this.#version && this.#failed !== this.#version;
	}

	get #isEmpty(): boolean {
		return this.of.outbox.size + this.of.parked.all.length === 0;
	}

	/** From now on the writes are this person's. */
	open(owner: string): void {
		if (owner === this.#owner) return;
		this.#owner = owner;
		this.#opened = false;
		void this.#open(owner);
	}

	/** Nobody's any more: what is kept stays there. */
	close(): void {
		this.#owner = undefined;
		this.#opened = false;
	}

	/** Keeps what has changed, unless that is going on; resolves when all of it is kept, or cannot be. */
	async save(): Promise<void> {
		while (this.#owner !== undefined && this.#opened && this.#stale)
			await (this.#running ??= this.#save(this.#owner).finally(() => (this.#running = undefined)));
	}

	async #open(owner: string): Promise<void> {
		let left: Awaited<ReturnType<UnsentShelf['take']>>;
		try {
			left = await this.shelf.take(owner); // one at a time: its numbers go on
		} catch {
			left = undefined; // what cannot be read now is there the next time
		}
		if (owner !== this.#owner) return;
		this.#opened = true;
		this.#resumed = left !== undefined;
		this.#replica = left?.replica ?? this.of.outbox.replica;
		if (left) this.of.resume(left.unsent);
		this.of.moved();
	}

	async #save(owner: string): Promise<void> {
		const { outbox, parked } = this.of;
		const version = this.#version;
		const mine = outbox.kept();
		const unsent = this.#isEmpty
			? undefined
			: { epoch: this.of.epoch(), refusals: parked.refusals, ...(mine && { outbox: mine }) };
		try {
			await this.shelf.keep(owner, this.#replica, unsent);
			this.#kept = version;
			if (!unsent && this.#resumed && this.#isEmpty) {
				this.#opened = false; // perhaps another page has left something too
				void this.#open(owner);
			}
		} catch {
			this.#failed = version; // full, or closed: it is tried again with the next change
		}
		this.of.moved();
	}
}
