// What just happened, said briefly, with the way back.

export interface Toast {
	id: number;
	text: string;
	action?: { label: string; act: () => void };
}

const shownMs = 7000;

class Toasts {
	#shown = $state.raw<readonly Toast[]>([]);
	#next = 1;
	#timers = new Map<number, ReturnType<typeof setTimeout>>();

	get shown(): readonly Toast[] {
		return this.#shown;
	}

	/** Shows one at a time: the last act is the one Undo belongs to. */
	say(text: string, action?: Toast['action']): void {
		for (const toast of this.#shown) this.dismiss(toast.id);
		const toast = { id: this.#next++, text, action };
		this.#shown = [toast];
		this.resume(toast.id);
	}

	/** Stays as long as it is looked at. */
	pause(id: number): void {
		clearTimeout(this.#timers.get(id));
	}

	resume(id: number): void {
		clearTimeout(this.#timers.get(id));
		this.#timers.set(
			id,
			setTimeout(() => this.dismiss(id), shownMs)
		);
	}

	dismiss(id: number): void {
		clearTimeout(this.#timers.get(id));
		this.#timers.delete(id);
		this.#shown = this.#shown.filter((toast) => toast.id !== id);
	}
}

export const toasts = new Toasts();
