// Dragging a row by its grip, with mouse, pen or finger.

export interface Drop {
	/** The row it would land beside. */
	id: number;
	after: boolean;
}

export class Drag {
	#moving = $state<number>();
	#drop = $state.raw<Drop>();
	#land: (moving: number, drop: Drop) => void;

	constructor(land: (moving: number, drop: Drop) => void) {
		this.#land = land;
	}

	get moving(): number | undefined {
		return this.#moving;
	}

	get drop(): Drop | undefined {
		return this.#drop;
	}

	/** For the grip's pointerdown. */
	start(event: PointerEvent, id: number): void {
		if (event.button !== 0) return;
		const grip = event.currentTarget as HTMLElement;
		event.preventDefault();
		grip.setPointerCapture(event.pointerId);
		this.#moving = id;
		const move = (at: PointerEvent) => this.#over(at);
		const end = (at: PointerEvent | KeyboardEvent) => {
			if (at instanceof KeyboardEvent && at.key !== 'Escape') return;
			grip.removeEventListener('pointermove', move);
			grip.removeEventListener('pointerup', end);
			grip.removeEventListener('pointercancel', end);
			removeEventListener('keydown', end);
			if (at.type === 'pointerup' && this.#drop) this.#land(id, this.#drop);
			this.#moving = undefined;
			this.#drop = undefined;
		};
		grip.addEventListener('pointermove', move);
		grip.addEventListener('pointerup', end);
		grip.addEventListener('pointercancel', end);
		addEventListener('keydown', end);
	}

	#over(event: PointerEvent): void {
		const edgePx = 72;
		if (event.clientY < edgePx) scrollBy(0, -12);
		else if (event.clientY > innerHeight - edgePx) scrollBy(0, 12);
		const row = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>('[data-item]');
		const id = Number(row?.dataset.item);
		if (!row || id === this.#moving) {
			this.#drop = undefined;
			return;
		}
		const { top, height } = row.getBoundingClientRect();
		const after = event.clientY > top + height / 2;
		if (this.#drop?.id !== id || this.#drop.after !== after) this.#drop = { id, after };
	}
}
