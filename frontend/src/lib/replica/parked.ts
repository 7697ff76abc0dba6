import { replacementOf, type Refusal } from './pending';
import type { Parked } from './types';

/** Writes of this page the server did not take, until somebody decides about them. */
export class ParkedWrites {
	#refusals: Refusal[] = [];
	/** As the screens see them; stays the same until one comes or goes. */
	all: readonly Parked[] = [];

	add(refusals: readonly Refusal[]): void {
		this.#keep([...this.#refusals, ...refusals]);
	}

	/** Takes one out; undefined when it is none of these. */
	take(seq: number): Refusal | undefined {
		const found = this.#refusals.find(({ write }) => write.seq === seq);
		if (found) this.#keep(this.#refusals.filter((refusal) => refusal !== found));
		return found;
	}

	#keep(refusals: Refusal[]): void {
		this.#refusals = refusals;
		this.all = refusals.map(({ write, code, message, field }) => ({
			seq: write.seq,
			at: write.entity.updatedAt,
			replacement: replacementOf(write),
			code,
			message,
			...(field === undefined ? {} : { field })
		}));
	}
}
