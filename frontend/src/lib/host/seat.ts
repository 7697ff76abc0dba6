// Which of the tabs leads. Nothing breaks when for a moment two do, or none.

/** How long a candidate waits for somebody who leads already, in milliseconds, and up to twice that. */
const standingMs = 100;

/** A place that one tab holds and the others wait for. */
export interface Seat {
	/** Takes it from whoever holds it and says nothing any more. */
	seize(): void;
	/** Gives it up, or the waiting for it. */
	leave(): void;
}

/** Who wants a seat: told when it is won, and when somebody else has taken it. */
export interface Candidate {
	won(): void;
	lost(): void;
}

/** Web Locks are missing where the page came over plain http from another machine. */
export function seatOf(name: string, tab: Candidate): Seat {
	const { locks } = navigator as { locks?: LockManager };
	return locks ? new LockSeat(locks, name, tab) : new ChannelSeat(name, tab);
}

/** Longer than anything done alone takes: whoever does not give the seat up by then is gone. */
const impatientMs = 150_000;

/** Runs fn while no other tab of this browser runs one of the same name. */
export function alone<T>(name: string, fn: () => Promise<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		let begun = false;
		const impatient = setTimeout(() => seat.seize(), impatientMs);
		const seat = seatOf(name, {
			won() {
				clearTimeout(impatient);
				if (begun) return;
				begun = true;
				void fn()
					.then(resolve, reject)
					.finally(() => seat.leave());
			},
			lost() {}
		});
	});
}

/** Held by a Web Lock: the browser gives it to the next tab in the moment one ends, however it ends. */
class LockSeat implements Seat {
	#left = false;
	#waiting = new AbortController();
	#release: (() => void) | undefined;

	constructor(
		private readonly locks: LockManager,
		private readonly name: string,
		private readonly tab: Candidate
	) {
		this.#request({ signal: this.#waiting.signal });
	}

	seize(): void {
		this.#waiting.abort();
		this.#request({ steal: true });
	}

	leave(): void {
		this.#left = true;
		this.#waiting.abort();
		this.#release?.();
	}

	#request(options: LockOptions): void {
		const held = () =>
			new Promise<void>((release) => {
				if (this.#left) return release();
				this.#release = release;
				this.tab.won();
			});
		this.locks.request(this.name, options, held).catch((error: DOMException) => {
			if (this.#left || options.signal?.aborted) return;
			if (error.name !== 'AbortError') return this.tab.won(); // no locks for this page: it leads itself
			this.#release = undefined; // seized by another
			this.tab.lost();
			this.#waiting = new AbortController();
			this.#request({ signal: this.#waiting.signal });
		});
	}
}

interface Word {
	say: 'stands' | 'leads' | 'vacant';
	id: number;
}

/** Agreed on by talking: who hears of no leader leads, and of two the one with the lower number. */
export class ChannelSeat implements Seat {
	readonly #id = Math.random();
	readonly #channel: BroadcastChannel;
	#leads = false;
	#standing: ReturnType<typeof setTimeout> | undefined;

	constructor(
		name: string,
		private readonly tab: Candidate
	) {
		this.#channel = new BroadcastChannel(`${name} seat`);
		this.#channel.onmessage = ({ data }) => this.#hear(data as Word);
		addEventListener('pagehide', this.#hide);
		addEventListener('pageshow', this.#show);
		this.#stand();
	}

	seize(): void {
		clearTimeout(this.#standing);
		this.#say('leads');
		if (this.#leads) return;
		this.#leads = true;
		this.tab.won();
	}

	leave(): void {
		clearTimeout(this.#standing);
		removeEventListener('pagehide', this.#hide);
		removeEventListener('pageshow', this.#show);
		if (this.#leads) this.#say('vacant');
		this.#leads = false;
		this.#channel.onmessage = null;
		this.#channel.close();
	}

	#stand(): void {
		this.#say('stands');
		clearTimeout(this.#standing);
		this.#standing = setTimeout(() => this.seize(), standingMs * (1 + Math.random()));
	}

	#hear({ say, id }: Word): void {
		if (!this.#leads) {
			if (say === 'vacant') this.#stand();
			else if (say === 'leads') clearTimeout(this.#standing);
		} else if (say === 'leads' && id < this.#id) {
			this.#leads = false;
			this.tab.lost();
		} else if (say !== 'vacant') {
			this.#say('leads');
		}
	}

	/** A tab that is left may be kept, asleep, for when somebody comes back to it. */
	#hide = (): void => {
		if (!this.#leads) return;
		this.#leads = false;
		this.#say('vacant');
		this.tab.lost();
	};

	#show = ({ persisted }: PageTransitionEvent): void => {
		if (persisted) this.#stand();
	};

	#say(say: Word['say']): void {
		this.#channel.postMessage({ say, id: this.#id } satisfies Word);
	}
}
