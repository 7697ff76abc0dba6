import { kept as keptHere } from '../kept';
import type { Person } from './standing';

const list = 'inglenook.people';
const active = 'inglenook.session';

/** Short texts by name. */
export interface Notebook {
	read(name: string): string | null;
	write(name: string, value: string | undefined): void;
}

/** Who is signed in on this browser, which all tabs know, and who this tab is. None of it is secret. */
export class People {
	/** Whom this page has been showing; undefined when nobody yet. */
	#here: number | undefined;

	constructor(
		private readonly kept: Notebook = keptHere,
		private readonly tab: Notebook = ofTab
	) {
		// From now on what other tabs do does not change who this one is.
		const begun = this.kept.read(active);
		if (begun && !this.tab.read(active)) this.tab.write(active, begun);
	}

	/** Every tab has its own; a new one begins as the last that changed. */
	get active(): number | undefined {
		return Number(this.tab.read(active) ?? this.kept.read(active)) || undefined;
	}

	set active(session: number | undefined) {
		if (session === this.active) return;
		const text = session === undefined ? undefined : String(session);
		this.tab.write(active, text);
		this.kept.write(active, text);
	}

	/**
	 * The session this tab goes on with when its own was refused: one of the same person, begun in
	 * another tab; undefined, whichever the browser has, where nobody has been shown yet; or the same.
	 */
	heir(session: number | undefined, code: string): number | undefined {
		const next = this.get(Number(this.kept.read(active)));
		if (next && next.id !== session && (this.#here === undefined || this.#here === next.userId))
			return next.id;
		return code === 'session-missing' && this.#here === undefined ? undefined : session;
	}

	get all(): readonly Person[] {
		try {
			return JSON.parse(this.kept.read(list) ?? '[]') as Person[];
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
		if (text !== this.kept.read(list)) this.kept.write(list, text);
	}

	remove(session: number): void {
		this.kept.write(list, JSON.stringify(this.all.filter(({ id }) => id !== session)));
	}
}

/** What lasts as long as the tab. */
const ofTab: Notebook = {
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
