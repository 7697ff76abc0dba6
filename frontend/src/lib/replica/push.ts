import type { Api, BatchResult } from '../api/api';
import { Problem } from '../api/problem';
import { Backoff } from '../host/backoff';
import type { Env } from './env';
import type { Outbox } from './outbox';
import type { Refusal } from './pending';

/** Who is told what became of a batch. */
interface Sender {
	/** Pushing makes sense now: the line is open and everything known has been pulled. */
	ready(): boolean;
	/** Waits until what is about to be sent is kept beyond the page, where it is. */
	kept?: (() => Promise<void> | undefined) | undefined;
	answered(result: BatchResult): void;
	refused(refusal: Refusal): void;
	/** Nobody answered, or not to this session. */
	failed(problem: Problem): void;
	/** The batch in flight, or busy, has changed. */
	moved(): void;
}

/** The way up: batches in order, one in flight, repeated until they are answered. */
export class Push {
	busy = false;
	#wait: (() => void) | undefined;
	#limit: number | undefined;
	/** The last try got no answer. */
	#lost = false;
	#backoff: Backoff;

	constructor(
		private readonly outbox: Outbox,
		private readonly api: Api,
		private readonly env: Env,
		private readonly to: Sender
	) {
		this.#backoff = new Backoff(env.random);
	}

	/** Sends what waits, unless a batch is on its way or a pause is being kept. */
	kick(): void {
		if (this.busy || this.#wait || !this.to.ready()) return;
		const batch = this.outbox.next(this.#limit);
		if (!batch) {
			this.#limit = undefined;
			return;
		}
		this.busy = true;
		const { kept } = this.to;
		// Sent and not known to have been, it would be sent again under another number.
		const sent = kept ? Promise.resolve(kept()).then(() => this.api.push(batch)) : this.api.push(batch);
		void sent.then(
			(result) => this.#answered(result),
			(error: unknown) => this.#failed(error)
		);
	}

	/** Tries at once, whatever pause is being kept. */
	wake(): void {
		this.#wait?.();
		this.#wait = undefined;
		this.#backoff.reset();
		this.kick();
	}

	#answered(result: BatchResult): void {
		this.busy = false;
		this.#lost = false;
		this.#backoff.reset();
		this.to.answered(result);
		this.kick();
		this.to.moved();
	}

	#failed(error: unknown): void {
		this.busy = false;
		if (!(error instanceof Problem)) throw error;
		const lostAgain = error.status === 0 && this.#lost;
		this.#lost = error.status === 0;
		if (error.code === 'seq-stale') {
			this.outbox.renumber();
			this.kick();
		} else if (error.final) {
			// Something in it the server does not even look at: find out what, one by one.
			this.#limit = 1;
			const write = this.outbox.refuse();
			if (write) {
				const { code, message, field } = error;
				this.to.refused({ write, code, message, ...(field === undefined ? {} : { field }) });
			}
			this.kick();
		} else {
			// A lost line has pauses of its own, unless it is open and only this is lost on it.
			if ((error.status !== 0 || lostAgain) && !error.needsSignIn) {
				const cancel = this.env.after(this.#backoff.next(error.retryAfterMs), () => {
					this.#wait = undefined;
					this.kick();
				});
				this.#wait = cancel;
			}
			this.to.failed(error);
		}
		this.to.moved();
	}
}
