// Rows stay where they are for a moment after a tick, one's own or another's, so
// that the next tap meets the row it was meant for.
import { SvelteMap } from 'svelte/reactivity';
import type { Item } from '../../kinds/item/item';

const quietMs = 2200;

export class Settling {
	// What each row was drawn as; written while drawing, so it must not be reactive.
	// eslint-disable-next-line svelte/prefer-svelte-reactivity
	#drawn = new Map<number, boolean>();
	#released = new SvelteMap<'times', number>();
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** Is the row among the done ones? */
	isDone = (item: Item): boolean => {
		this.#released.get('times');
		const done = !!item.done;
		const drawn = this.#drawn.get(item.id);
		if (drawn === undefined || drawn === done) {
			this.#drawn.set(item.id, done);
			return done;
		}
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#release(), quietMs);
		return drawn;
	};

	/** Ends the waiting; for when the list goes away. */
	stop(): void {
		clearTimeout(this.#timer);
	}

	#release(): void {
		this.#drawn.clear();
		this.#released.set('times', (this.#released.get('times') ?? 0) + 1);
	}
}
