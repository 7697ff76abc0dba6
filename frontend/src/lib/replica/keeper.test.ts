// What is unsent outlives the page, is sent once, and by one page.
import { IDBFactory } from 'fake-indexeddb';
import { expect, test, vi } from 'vitest';
import { Unreached, type Answer } from '../host/host';
import { MemoryHost } from '../host/memory/host';
import { MemoryServer } from '../host/memory/server';
import type { Candidate, Seat } from '../host/seat';
import { Shelf } from '../session/shelf';
import { UnsentInBrowser } from '../session/unsent';
import { LocalReplica } from './replica';

class LosingHost extends MemoryHost {
	lose = false;
	sent = 0;
	/** Called before a batch reaches the server. */
	sending = (): Promise<void> => Promise.resolve();

	override async request(method: string, path: string, body?: unknown): Promise<Answer> {
		if (path === '/api/replacements') await this.sending();
		const answer = await super.request(method, path, body);
		if (path === '/api/replacements') {
			this.sent++;
			if (this.lose) throw new Unreached('lost');
		}
		return answer;
	}
}

/** A browser whose pages come and go. */
class Browser {
	readonly shelf = Shelf.open(new IDBFactory());
	readonly server = new MemoryServer();
	#held = new Set<string>();

	constructor() {
		for (const [id, name] of ['Anna', 'Ben'].entries()) {
			const entity = { id: id + 1, updatedAt: '2026-11-21T08:00:00.000Z', name };
			this.server.push(
				{ replica: 9, seq: id + 1, replacements: [{ kind: 'user', entity, base: 0 }] },
				{ userId: 9, sessionId: 9 }
			);
		}
	}

	page(userId = 1, offline = false): Page {
		return new Page(this, userId, offline);
	}

	/** Seats as of one page: the returned function ends it. */
	seats(): { seat: (name: string, tab: Candidate) => Seat; end: () => void } {
		const mine = new Set<string>();
		const seat = (name: string, tab: Candidate): Seat => {
			if (this.#held.has(name)) return { seize() {}, leave() {} };
			this.#held.add(name);
			mine.add(name);
			setTimeout(() => tab.won(), 30); // the page has all it needs to send before that
			return { seize() {}, leave: () => void this.#held.delete(name) };
		};
		return { seat, end: () => mine.forEach((name) => this.#held.delete(name)) };
	}

	/** Titles of lists at the server. */
	get titles(): unknown[] {
		return this.server.entities().flatMap(({ kind, entity }) => (kind === 'list' ? [entity.title] : []));
	}

	async left(userId = 1): Promise<number> {
		return new UnsentInBrowser(this.shelf).count(`memory ${userId}`);
	}
}

class Page {
	readonly host: LosingHost;
	readonly replica: LocalReplica;
	readonly #end: () => void;

	constructor(browser: Browser, userId: number, offline: boolean) {
		this.host = new LosingHost(browser.server, userId, userId);
		const { seat, end } = browser.seats();
		this.#end = end;
		let now = Date.parse('2026-11-21T09:00:00.000Z');
		this.replica = new LocalReplica(this.host, {
			now: () => (now += 10),
			random: () => 1,
			after: () => () => {},
			pause: () => Promise.resolve(),
			unsent: new UnsentInBrowser(browser.shelf, seat)
		});
		this.replica.start();
		if (offline) void this.until('synced').then(() => (this.host.offline = true));
	}

	write(title: string): number {
		return this.replica.create('list', { title });
	}

	until(state: string): Promise<void> {
		return vi.waitFor(() => expect(this.replica.status.state).toBe(state), { timeout: 3000 });
	}

	saved(): Promise<void> {
		return vi.waitFor(() => expect(this.replica.unsaved).toBe(0));
	}

	/** It is gone, without a word. */
	kill(): void {
		this.replica.stop();
		this.host.offline = true;
		this.#end();
	}
}

test('what was written without a server is sent by the page that comes after', async () => {
	const browser = new Browser();
	const first = browser.page(1, true);
	await first.until('unreached');
	const id = first.write('a');
	first.replica.edit('list', id, { title: 'b' });
	first.write('c');
	expect(first.replica.unsaved).toBe(2);
	await first.saved();
	first.kill();
	expect(await browser.left()).toBe(2);
	const second = browser.page();
	second.write('d');
	await vi.waitFor(() => expect(browser.titles).toEqual(['b', 'c', 'd']));
	await second.until('synced');
	expect(second.replica.get('list', id)?.title).toBe('b');
	await vi.waitFor(async () => expect(await browser.left()).toBe(0));
	expect(second.host.sent).toBe(1);
	second.kill();
	const third = browser.page();
	await third.until('synced');
	expect(third.host.sent).toBe(0);
	third.kill();
});

test('a batch whose answer was lost with the page is known again by the server', async () => {
	const browser = new Browser();
	const first = browser.page();
	await first.until('synced');
	first.host.lose = true;
	first.write('a');
	await vi.waitFor(() => expect(browser.titles).toEqual(['a']));
	const head = browser.server.head.id;
	first.kill();
	const second = browser.page();
	await vi.waitFor(async () => expect(await browser.left()).toBe(0));
	expect(second.host.sent).toBe(1);
	expect(browser.server.head.id).toBe(head);
	second.kill();
});

test('what a page that lives has unsent is left to it', async () => {
	const browser = new Browser();
	const first = browser.page(1, true);
	await first.until('unreached');
	first.write('a');
	await first.saved();
	const second = browser.page();
	await second.until('synced');
	second.write('b');
	await vi.waitFor(() => expect(browser.titles).toEqual(['b']));
	expect(second.replica.all('list')).toHaveLength(1);
	first.host.offline = false;
	first.replica.syncNow();
	await vi.waitFor(() => expect(browser.titles).toEqual(['b', 'a']));
	expect(first.host.sent).toBe(1);
	first.kill();
	second.kill();
});

test('what several pages have left is taken up one after the other', async () => {
	const browser = new Browser();
	const pages = [browser.page(1, true), browser.page(1, true), browser.page(1, true)];
	for (const [i, page] of pages.entries()) {
		await page.until('unreached');
		page.write(`${i}`);
		await page.saved();
	}
	for (const page of pages) page.kill();
	expect(await browser.left()).toBe(3);
	const after = browser.page();
	await vi.waitFor(() => expect([...browser.titles].sort()).toEqual(['0', '1', '2']));
	await vi.waitFor(async () => expect(await browser.left()).toBe(0));
	expect(after.host.sent).toBe(3);
	after.kill();
});

test('nobody sends or sees what somebody else has left', async () => {
	const browser = new Browser();
	const anna = browser.page(1, true);
	await anna.until('unreached');
	anna.write('of Anna');
	await anna.saved();
	anna.kill();
	const ben = browser.page(2);
	await ben.until('synced');
	ben.write('of Ben');
	await vi.waitFor(() => expect(browser.titles).toEqual(['of Ben']));
	expect(ben.replica.all('list')).toHaveLength(1);
	ben.kill();
	expect(await browser.left(1)).toBe(1);
	const again = browser.page(1);
	await vi.waitFor(() => expect(browser.titles).toEqual(['of Ben', 'of Anna']));
	again.kill();
});

test('what the server did not take is still to be decided about in the next page', async () => {
	const browser = new Browser();
	const first = browser.page();
	await first.until('synced');
	first.replica.create('list', {}); // without its title
	await vi.waitFor(() => expect(first.replica.parked).toHaveLength(1));
	await first.saved();
	first.kill();
	const second = browser.page();
	await vi.waitFor(() => expect(second.replica.parked).toHaveLength(1));
	second.replica.discard(second.replica.parked[0]!.seq);
	await vi.waitFor(async () => expect(await browser.left()).toBe(0));
	expect(second.host.sent).toBe(0);
	second.kill();
});

test('after the server was restored what was left is offered anew', async () => {
	const browser = new Browser();
	const first = browser.page(1, true);
	await first.until('unreached');
	first.write('a');
	await first.saved();
	first.kill();
	browser.server.rewind(1);
	const second = browser.page();
	await vi.waitFor(() => expect(browser.titles).toEqual(['a']));
	second.kill();
});

test('where nothing can be kept the page says so, and does not try for ever', async () => {
	const browser = new Browser();
	const page = browser.page(1, true);
	await page.until('unreached');
	const shelf = await browser.shelf;
	const put = vi.spyOn(shelf!, 'put').mockRejectedValue(new Error('full'));
	page.write('a');
	await vi.waitFor(() => expect(put).toHaveBeenCalled());
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect(page.replica.unsaved).toBe(1);
	expect(put).toHaveBeenCalledTimes(1);
	page.kill();
});

test('nothing is sent that is not kept', async () => {
	const browser = new Browser();
	const page = browser.page();
	await page.until('synced');
	const left: number[] = [];
	page.host.sending = async () => void left.push(await browser.left());
	page.write('a');
	await page.until('synced');
	page.write('b');
	await vi.waitFor(() => expect(browser.titles).toEqual(['a', 'b']));
	expect(left).toEqual([1, 1]);
	page.kill();
});
