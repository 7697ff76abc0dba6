/** Time that passes when a test says so, for everybody who is given it. */
export class Clock {
	#now = Date.parse('2026-11-21T08:00:00Z');
	#timers = new Set<{ at: number; fn: () => void }>();
	#busy = 0;

	now = (): number => this.#now;

	after = (ms: number, fn: () => void): (() => void) => {
		const timer = { at: this.#now + ms, fn };
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	};

	/** Lets time pass, and all that becomes of it happen. */
	async pass(ms: number): Promise<void> {
		const end = this.#now + ms;
		for (;;) {
			await this.settle();
			const next = [...this.#timers].sort((a, b) => a.at - b.at)[0];
			if (!next || next.at > end) break;
			this.#timers.delete(next);
			this.#now = Math.max(this.#now, next.at);
			next.fn();
		}
		this.#now = end;
		await this.settle();
	}

	/** The machine sleeps: no timer runs, and what is overdue runs after. */
	sleep(ms: number): void {
		this.#now += ms;
	}

	/** Has the clock wait for what takes real time: signing, storing, answering. */
	async during<T>(work: Promise<T>): Promise<T> {
		this.#busy++;
		try {
			return await work;
		} finally {
			this.#busy--;
		}
	}

	/** Until whatever was begun waits for time to pass. */
	async settle(): Promise<void> {
		for (let calm = 0; calm < 3; calm++) {
			await new Promise((resolve) => setImmediate(resolve));
			if (this.#busy > 0) calm = 0;
		}
	}
}
