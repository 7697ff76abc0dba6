import type { Api } from '../api/api';
import type { Parked, Status } from './types';

/** What the window's bridge says of its own outbox, which is the one that lasts. */
export class BridgeParked {
	parked: readonly Parked[] = [];
	#status: Status | undefined;

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
		void this.api.retry(seq).then(() => this.#read());
	}

	discard(seq: number): void {
		void this.api.discard(seq).then(() => this.#read());
	}

	sync(): void {
		void this.api.sync();
	}

	async #read(): Promise<void> {
		this.parked = await this.api.parked();
		this.moved();
	}
}
