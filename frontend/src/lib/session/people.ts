import { kept } from '../kept';
import type { Person } from './standing';

const list = 'inglenook.people';
const active = 'inglenook.session';

/** Who is signed in on this browser, which all tabs know, and who this tab is. None of it is secret. */
export class People {
	/** Whom this page has been showing; undefined when nobody yet. */
	#here: number | undefined;

	constructor() {
		// From now on what other tabs do does not change who this one is.
		const begun = kept.read(active);
		if (begun && !tab.read(active)) tab.write(active, begun);
	}

	/** Every tab has its own; a new one begins as the last that changed. */
	get active(): number | undefined {
		return Number(tab.read(active) ?? kept.read(active)) || undefined;
	}

	set active(session: number | undefined) {
		if (session === this.active) return;
		const text = session === undefined ? undefined : String(session);
		tab.write(active, text);
		kept.write(active, text);
	}

	/** The session this tab goes on with when its own has ended: one of the same person, begun in another tab. */
	heir(session: number | undefined): number | undefined {
		const next = this.get(Number(kept.read(active)));
		if (!next || next.id === session) return undefined;
		return this.#here === undefined || this.#here === next.userId ? next.id : undefined;
	}

	get all(): readonly Person[] {
		try {
			return JSON.parse(kept.read(list) ?? '[]') as Person[];
		} catch {
			return []; // written by another version
		}
	}

	get(session: number | undefined): Person | undefined {
		return this.all.find(({ id }) => id === session);
	}

	/** Adds one, or what is new of them, and forgets those of a server that was here before at this address. */
	put(person: Person): void {
		const others = this.all.filter(({ instance }) => instance === person.instance);
		const at = others.findIndex(({ id }) => id === person.id);
		if (at < 0) others.push(person);
		else others[at] = person;
		if (person.id === this.active) this.#here = person.userId;
		const text = JSON.stringify(others);
		if (text !== kept.read(list)) kept.write(list, text);
	}

	remove(session: number): void {
		kept.write(list, JSON.stringify(this.all.filter(({ id }) => id !== session)));
	}
}

/** What lasts as long as the tab. */
const tab = {
	read(name: string): string | null {
		try {
			return sessionStorage.getItem(name);
		} catch {
			return null;
		}
	},

	write(name: string, value: string | undefined): void {
		try {
			if (value === undefined) sessionStorage.removeItem(name);
			else sessionStorage.setItem(name, value);
		} catch {
			// Switched off: the tab is who the browser is.
		}
	}
};
