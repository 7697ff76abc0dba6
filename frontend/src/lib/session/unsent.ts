import type { Unsent, UnsentShelf } from '../replica/keeper';
import { seatOf, type Candidate, type Seat } from '../host/seat';
import type { Shelf } from './shelf';

/** A page that does not answer within so many milliseconds is gone. */
const goneMs = 600;

/** What pages have unsent, in IndexedDB: one record a page, in the hands of one page. */
export class UnsentInBrowser implements UnsentShelf {
	#seats = new Map<number, Promise<Seat | undefined>>();

	constructor(
		private readonly shelf: Promise<Shelf | undefined>,
		private readonly seat: (name: string, tab: Candidate) => Seat = seatOf
	) {}

	async keep(owner: string, replica: number, unsent: Unsent | undefined): Promise<void> {
		const shelf = await this.shelf;
		if (!shelf) throw new Error('nothing is kept beyond the page');
		await this.#hold(replica);
		if (unsent) await shelf.put('outboxes', [owner, replica], unsent);
		else await shelf.drop('outboxes', [owner, replica]);
	}

	async take(owner: string): Promise<{ replica: number; unsent: Unsent } | undefined> {
		for (const { replica } of await this.#of(owner)) {
			if (this.#seats.has(replica)) continue; // its own
			if (!(await this.#hold(replica))) {
				this.#seats.delete(replica);
				continue;
			}
			// Read only now: its page may have sent it before it went.
			const unsent = await (await this.shelf)?.get<Unsent>('outboxes', [owner, replica]);
			if (unsent) return { replica, unsent };
		}
		return undefined;
	}

	/** How many writes of an owner are kept. */
	async count(owner: string): Promise<number> {
		const all = await this.#of(owner);
		return all.reduce(
			(sum, { unsent }) => sum + (unsent.outbox?.writes.length ?? 0) + unsent.refusals.length,
			0
		);
	}

	/** Lets go of all of them. */
	async forget(owner: string): Promise<void> {
		for (const { replica } of await this.#of(owner))
			await (await this.shelf)?.drop('outboxes', [owner, replica]);
	}

	async #of(owner: string): Promise<{ replica: number; unsent: Unsent }[]> {
		const all = (await (await this.shelf)?.all<Unsent>('outboxes')) ?? [];
		return all.flatMap(([name, unsent]) => {
			const [of, replica] = name as [string, number];
			return of === owner ? [{ replica, unsent }] : [];
		});
	}

	/** As long as this page lives no other takes the record; undefined where another has it. */
	#hold(replica: number): Promise<Seat | undefined> {
		const held = this.#seats.get(replica);
		if (held) return held;
		const holding = new Promise<Seat | undefined>((resolve) => {
			const seat = this.seat(`inglenook unsent ${replica}`, {
				won: () => {
					clearTimeout(gone);
					queueMicrotask(() => resolve(seat));
				},
				lost() {}
			});
			const gone = setTimeout(() => {
				seat.leave();
				resolve(undefined);
			}, goneMs);
		});
		this.#seats.set(replica, holding);
		return holding;
	}
}
