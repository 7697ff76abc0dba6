/** For how long the server takes a nonce, in milliseconds, less the way there. */
const lifeMs = 55_000;

/** The newest nonce of the server, each good for one proof. */
export class Nonces {
	#newest: { nonce: string; seen: number } | undefined;

	constructor(private readonly now: () => number) {}

	see(headers: Headers): void {
		const nonce = headers.get('Inglenook-Nonce');
		if (nonce) this.#newest = { nonce, seen: this.now() };
	}

	take(): string | undefined {
		const newest = this.#newest;
		this.#newest = undefined;
		return newest && this.now() - newest.seen < lifeMs ? newest.nonce : undefined;
	}
}
