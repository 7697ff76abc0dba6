import type { Api } from '../api/api';
import { Problem } from '../api/problem';
import type { Parked, Status } from './types';

/** What the window's bridge says of its own outbox, which is the one that lasts. */
export class BridgeParked {
	parked: readonly Parked[] = [];
	#status: Status | undefined;
	#readings = 0;

	constructor(
		private readonly api: Api,
		private readonly moved: () => void
	) {}

	take(status: Status): void {
		const before = this.#status?.parked ?? 0;
		this.#status = status;
		if (status.parked > 0 || before > 0) void this.#read();
	}

	/** The status to show: the bridge's, with what the page has not handed over yet. */
	over(own: Status): Status {
		if (!this.#status) return { ...own, state: 'syncing' };
		return {
			...this.#status,
			waiting: Math.max(this.#status.waiting, own.waiting),
			parked: this.#status.parked + own.parked
		};
	}

	retry(seq: number): void {
		void this.#ask(() => this.api.retry(seq));
	}

	discard(seq: number): void {
		void this.#ask(() => this.api.discard(seq));
	}

	sync(): void {
		void this.#ask(() => this.api.sync());
	}

	/** The status shows what became of it. */
	async #ask(call: () => Promise<void>): Promise<void> {
		try {
			await call();
		} catch (error) {
			if (!(error instanceof Problem)) throw error;
		}
		await this.#read();
	}

	async #read(): Promise<void> {
		const reading = ++this.#readings;
		try {
			const parked = await this.api.parked();
			if (reading !== this.#readings) return; // a later one knows better
			this.parked = parked;
			this.moved();
		} catch (error) {
			if (!(error instanceof Problem)) throw error; // the next status has it read again
		}
	}
}
