// The one place where sessions meet Svelte.
import { createSubscriber } from 'svelte/reactivity';
import type { Auth, Notice, Person, Session, Standing } from './session';

/** Who is here, followed by whatever reads it in an effect or a derived value. */
export class Who {
	#auth: Auth;
	#follow: () => void;

	constructor(auth: Auth) {
		this.#auth = auth;
		this.#follow = createSubscriber((update) => auth.subscribe(update));
	}

	get standing(): Standing {
		this.#follow();
		return this.#auth.standing;
	}

	get session(): Session | undefined {
		this.#follow();
		return this.#auth.session;
	}

	get notices(): readonly Notice[] {
		this.#follow();
		return this.#auth.notices;
	}

	get people(): readonly Person[] {
		this.#follow();
		return this.#auth.people;
	}

	/** The session this tab is of. */
	get current(): number | undefined {
		this.#follow();
		return this.#auth.current;
	}
}
