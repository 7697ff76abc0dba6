/** How far what was observed may drag the clock beyond the wall's, in milliseconds. */
const maxAheadMs = 60_000;

/**
 * A hybrid logical clock (Kulkarni et al., 2014) with the millisecond as its only
 * component: never backwards, never the same instant twice, past what it has
 * observed. An edit made after seeing another is stamped later.
 */
export class Clock {
	#last = 0;

	constructor(private readonly now: () => number = Date.now) {}

	/** The next timestamp, as on the wire. */
	next(): string {
		this.#last = Math.max(this.#last + 1, this.now());
		return new Date(this.#last).toISOString();
	}

	observe(timestamp: string): void {
		const at = Date.parse(timestamp);
		if (at > this.#last) this.#last = Math.max(this.#last, Math.min(at, this.now() + maxAheadMs));
	}
}
