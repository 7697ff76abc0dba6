type Render = (typeof import('./markdown'))['render'];

/** What turns Markdown into HTML, once it has been loaded. */
class Prose {
	#render = $state.raw<Render>();
	#failed = $state.raw(false);
	#loading = false;

	/** Undefined until it is here; once it is, it stays. */
	get render(): Render | undefined {
		return this.#render;
	}

	/** The last try found no network, or a server with another version of the page. */
	get failed(): boolean {
		return this.#failed;
	}

	async load(): Promise<void> {
		if (this.#render || this.#loading) return;
		this.#loading = true;
		try {
			this.#render = (await import('./markdown')).render;
			this.#failed = false;
		} catch {
			this.#failed = true;
		}
		this.#loading = false;
	}
}

export const prose = new Prose();
