import { IDBFactory } from 'fake-indexeddb';
import { Unreached } from '../../host/host';
import type { Problem } from '../../api/problem';
import { Carrier, type World } from '../carrier';
import { Keys, type DeviceKey } from '../keys';
import { People, type Notebook } from '../people';
import { Shelf } from '../shelf';
import type { Clock } from './clock';
import type { Server } from './server';

class Notes implements Notebook {
	readonly #texts = new Map<string, string>();
	read = (name: string): string | null => this.#texts.get(name) ?? null;
	write(name: string, value: string | undefined): void {
		if (value === undefined) this.#texts.delete(name);
		else this.#texts.set(name, value);
	}
}

/** What happens to the next request: it, or the answer to it, gets lost. */
export type Fate = 'request' | 'answer';

/** A browser with a jar of cookies that all its tabs share. */
export class Browser {
	/** The generation in the cookie. */
	jar: number | undefined;
	/** What of it is on the disk. */
	flushed: number | undefined;
	readonly fates: (Fate | undefined)[] = [];
	readonly shelf: Promise<Shelf | undefined>;
	readonly notes = new Notes();
	#turns = new Map<string, Promise<unknown>>();
	#tabs: Tab[] = [];

	constructor(
		readonly server: Server,
		readonly clock: Clock,
		/** Without IndexedDB there are no keys. */
		keeps = true
	) {
		this.shelf = Shelf.open(keeps ? new IDBFactory() : undefined);
	}

	tab(): Tab {
		const tab = new Tab(this);
		this.#tabs.push(tab);
		return tab;
	}

	flush(): void {
		this.flushed = this.jar;
	}

	/** It is killed and started again: the jar is what was on the disk. */
	crash(): Tab {
		this.jar = this.flushed;
		for (const tab of this.#tabs.splice(0)) tab.dead = true;
		this.#turns.clear();
		return this.tab();
	}

	async reach(path: string, init: RequestInit): Promise<Response> {
		const fate = this.fates.shift();
		const headers = new Headers(init.headers);
		const { method = 'GET' } = init;
		const body = JSON.parse(typeof init.body === 'string' ? init.body : '{}') as Record<string, unknown>;
		if (fate === 'request') throw new Unreached('lost');
		const asked = { method, path: `/${path.replace(/^\//, '')}`, headers, body, generation: this.jar };
		const told = await this.clock.during(this.server.answer(asked));
		if (fate === 'answer') throw new Unreached('lost');
		if (told.hand !== undefined) this.jar = told.hand;
		const text = told.body === undefined ? null : JSON.stringify(told.body);
		return new Response(text, { status: told.status, headers: told.headers ?? {} });
	}

	async alone<T>(name: string, fn: () => Promise<T>): Promise<T> {
		const turn = (this.#turns.get(name) ?? Promise.resolve()).catch(() => {}).then(fn);
		this.#turns.set(name, turn);
		return turn;
	}
}

class TestKeys extends Keys {
	constructor(private readonly browser: Browser) {
		super(browser.shelf);
	}

	override async of(session: number | undefined): Promise<DeviceKey | undefined> {
		const { clock } = this.browser;
		const key = await clock.during(super.of(session));
		return key && { ...key, sign: (text) => clock.during(key.sign(text)) };
	}
}

/** One tab, which says what it was told. */
export class Tab {
	readonly carrier: Carrier;
	readonly refused: Problem[] = [];
	heard = 0;
	dead = false;

	constructor(readonly browser: Browser) {
		const { clock, notes } = browser;
		const world: World = {
			reach: (path, init) => (this.dead ? new Promise(() => {}) : browser.reach(path, init)),
			now: clock.now,
			after: (ms, fn) => clock.after(ms, () => this.dead || fn()),
			known: () => browser.jar !== undefined,
			alone: (name, fn) => browser.alone(name, fn),
			keys: new TestKeys(browser),
			people: new People(notes, new Notes()),
			client: 'web/test'
		};
		this.carrier = new Carrier(world);
		this.carrier.tell({
			heard: (session) => {
				this.heard++;
				const { id, level } = session;
				const userId = session.user?.id ?? 0;
				world.people.put({ id, level, instance: session.instance.id, userId, name: 'Anna', color: '' });
			},
			refused: (problem) => void this.refused.push(problem)
		});
	}

	/** Sends what changes something, and tells the status; 0 when nobody answered. */
	async write(): Promise<number> {
		return this.status('/api/replacements', 'POST');
	}

	async status(path: string, method = 'GET'): Promise<number> {
		try {
			return (await this.carrier.send(path, { method, ...(method === 'GET' ? {} : { body: '{}' }) })).status;
		} catch (error) {
			if (error instanceof Unreached) return 0;
			throw error;
		}
	}
}
