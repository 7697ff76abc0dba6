import { Problem, problemOf } from '../api/problem';
import { Unreached, type Host } from '../host/host';

/** Changes are written together, in milliseconds. */
const togetherMs = 1000;
/** Others that write at the same time are met so often. */
const maxTries = 5;
const path = '/api/auth/session/data';

/** What the page keeps in its session. Names are added here. */
export interface Remembered {
	/** Where the page was last: its hash. */
	place?: string;
	/** How the screens are arranged on this device. */
	layout?: Record<string, unknown>;
}

/** What the session remembers, one object for all its tabs: each writes the members it changes. */
export class Memory {
	#known: Remembered = {};
	#version: string | undefined;
	#changes: Remembered = {};
	#waits = false;
	#busy = false;
	#listeners = new Set<() => void>();

	constructor(
		private readonly host: Host,
		private readonly after: (ms: number, fn: () => void) => () => void
	) {}

	get<Name extends keyof Remembered>(name: Name): Remembered[Name] {
		return { ...this.#known, ...this.#changes }[name];
	}

	set<Name extends keyof Remembered>(name: Name, value: Remembered[Name]): void {
		if (JSON.stringify(this.get(name)) === JSON.stringify(value)) return;
		this.#changes = { ...this.#changes, [name]: value };
		this.#soon();
	}

	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** The session has told the checksum of what it remembers. */
	async heard(checksum: string): Promise<void> {
		if (checksum === this.#version || this.#busy) return;
		this.#busy = true;
		try {
			await this.read();
		} catch (error) {
			if (!isAnswer(error)) throw error; // it is told again
		} finally {
			this.#busy = false;
		}
	}

	async read(): Promise<void> {
		const answer = await this.host.request('GET', path);
		if (answer.status !== 200) throw problemOf(answer);
		this.#known = (answer.body ?? {}) as Remembered;
		this.#version = bare(answer.etag);
		for (const listener of this.#listeners) listener();
	}

	#soon(): void {
		if (this.#waits) return;
		this.#waits = true;
		this.after(togetherMs, () => {
			this.#waits = false;
			void this.#write();
		});
	}

	async #write(): Promise<void> {
		if (this.#busy) return this.#soon();
		this.#busy = true;
		try {
			for (let tries = 0; tries < maxTries; tries++) if (await this.#written()) break;
		} catch (error) {
			if (!isAnswer(error)) throw error; // it is written with the next change
		} finally {
			this.#busy = false;
		}
	}

	/** False when somebody else has written meanwhile. */
	async #written(): Promise<boolean> {
		if (this.#version === undefined) await this.read();
		const changes = this.#changes;
		const whole = { ...this.#known, ...changes };
		const of = this.#version ? { ifMatch: `"${this.#version}"` } : {};
		const answer = await this.host.request('PUT', path, whole, of);
		if (answer.status === 412) {
			await this.read();
			return false;
		}
		if (answer.status >= 300) throw problemOf(answer);
		this.#known = whole;
		this.#version = bare(answer.etag);
		// What was changed while this was on its way is still to be written.
		const left = Object.entries(this.#changes).filter(
			([name, value]) => value !== changes[name as keyof Remembered]
		);
		this.#changes = Object.fromEntries(left) as Remembered;
		if (left.length > 0) this.#soon();
		return true;
	}
}

/** Said by the server, or by nobody: not an error of the page. */
function isAnswer(error: unknown): boolean {
	return error instanceof Problem || error instanceof Unreached;
}

/** An ETag's checksum (RFC 9110 §8.8.3). */
function bare(etag: string | undefined): string {
	return etag?.replace(/^W\/|"/g, '') ?? '';
}
