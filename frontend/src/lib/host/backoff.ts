// Waiting between tries: full jitter, so that a household's devices do not all
// come back in the same instant after a restart of the server.
const firstMs = 500;
const mostMs = 60_000;

export class Backoff {
	#tries = 0;

	constructor(private readonly random: () => number = Math.random) {}

	/** Milliseconds until the next try; at least leastMs when the server asked for it. */
	next(leastMs = 0): number {
		const ceiling = Math.min(mostMs, firstMs * 2 ** this.#tries);
		if (ceiling < mostMs) this.#tries++;
		return Math.max(leastMs, this.random() * ceiling);
	}

	reset(): void {
		this.#tries = 0;
	}
}
