import { replacementOf, type Refusal } from './pending';
import type { Parked } from './types';

interface Kept {
	/** The user who wrote it; 0 before anybody is known. */
	by: number;
	refusal: Refusal;
}

/**
 * Writes of this page the server did not take, until somebody decides about
 * them. Each person signed in here sees their own.
 */
export class ParkedWrites {
	#kept: Kept[] = [];
	#user = 0;
	/** Grows with every change. */
	version = 0;
	/** As the screens see them; stays the same until one comes or goes. */
	all: readonly Parked[] = [];

	/** How many there are of everybody. */
	get count(): number {
		return this.#kept.length;
	}

	/** This user's, as they came. */
	get refusals(): Refusal[] {
		return this.#mine().map(({ refusal }) => refusal);
	}

	/** From now on what is added is this user's, and only theirs is seen. */
	open(user: number): void {
		if (user === this.#user) return;
		for (const kept of this.#kept) kept.by ||= user;
		this.#user = user;
		this.#keep(this.#kept);
	}

	add(refusals: readonly Refusal[]): void {
		this.#keep([...this.#kept, ...refusals.map((refusal) => ({ by: this.#user, refusal }))]);
	}

	/** Takes one out; undefined when it is none of these. */
	take(seq: number): Refusal | undefined {
		const found = this.#mine().find(({ refusal }) => refusal.write.seq === seq);
		if (found) this.#keep(this.#kept.filter((kept) => kept !== found));
		return found?.refusal;
	}

	/** Takes out what is this user's. */
	empty(): void {
		this.#keep(this.#kept.filter(({ by }) => by !== this.#user));
	}

	#mine(): Kept[] {
		return this.#kept.filter(({ by }) => by === this.#user);
	}

	#keep(kept: Kept[]): void {
		this.version++;
		this.#kept = kept;
		this.all = this.#mine().map(({ refusal: { write, code, message, field } }) => ({
			seq: write.seq,
			at: write.entity.updatedAt,
			replacement: replacementOf(write),
			code,
			message,
			...(field === undefined ? {} : { field })
		}));
	}
}
