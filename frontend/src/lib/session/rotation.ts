/** A try that changed nothing is not repeated sooner, in milliseconds. */
const pauseMs = 30_000;
/** Timers know no more than 2^31 ms, and none runs while a machine sleeps: looks again at least as often. */
const lookMs = 60_000;

interface Timing {
	now(): number;
	after(ms: number, fn: () => void): () => void;
}

/** Has the session's value changed in time, in the one tab that leads. */
export class Rotation {
	#leads = 0;
	#dueAt: number | undefined;
	#triedAt = -Infinity;
	#busy = false;
	#cancel: (() => void) | undefined;

	/** rotate may reject: it is tried again. */
	constructor(
		private readonly timing: Timing,
		private readonly rotate: () => Promise<void>
	) {}

	/** This tab leads until the returned function is called. */
	lead(): () => void {
		let leads = true;
		this.#leads++;
		this.#wait();
		return () => {
			if (leads) this.#leads--;
			leads = false;
			this.#wait();
		};
	}

	dueIn(ms: number): void {
		if (ms > 0) this.#triedAt = -Infinity; // the last try did change something, or another tab has
		this.#dueAt = this.timing.now() + ms;
		this.#wait();
	}

	/** The session has ended, or waits for a person: nothing is due until it is heard of again. */
	over(): void {
		this.#dueAt = undefined;
		this.#wait();
	}

	/** The server says so. */
	due(): void {
		if (!this.#busy) this.dueIn(0);
	}

	#wait(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		if (!this.#leads || this.#dueAt === undefined || this.#busy) return;
		const at = Math.max(this.#dueAt, this.#triedAt + pauseMs);
		const left = at - this.timing.now();
		this.#cancel = this.timing.after(Math.min(Math.max(left, 0), lookMs), () =>
			at <= this.timing.now() ? void this.#try() : this.#wait()
		);
	}

	async #try(): Promise<void> {
		this.#busy = true;
		this.#triedAt = this.timing.now();
		try {
			await this.rotate();
		} catch {
			// Not reached: the stream, which is open or tried again, says when it is due.
		}
		this.#busy = false;
		this.#wait();
	}
}
