// Screens that come when they are first wanted, or when the page has nothing
// else to do: the first paint does not wait for their code.
import type { Component } from 'svelte';

/** What a component takes, as Svelte bounds it: an interface has no index. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Props = Record<string, any>;

export class Screen<P extends Props> {
	#component = $state.raw<Component<P>>();
	#failed = $state(false);

	constructor(private readonly bring: () => Promise<{ default: Component<P> }>) {}

	/** Undefined until it is here. */
	get component(): Component<P> | undefined {
		return this.#component;
	}

	/** The server did not give it; load tries again. */
	get failed(): boolean {
		return this.#failed;
	}

	async load(): Promise<void> {
		if (this.#component) return;
		try {
			this.#component = (await this.bring()).default;
			this.#failed = false;
		} catch {
			this.#failed = true;
		}
	}
}
