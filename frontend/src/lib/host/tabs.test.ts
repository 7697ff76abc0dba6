import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Frame, Handlers } from './host';
import { MemoryHost } from './memory/host';
import { MemoryServer } from './memory/server';
import { TabsHost } from './tabs';

// Node has no Web Locks that tabs would share: here the tabs talk it over.
beforeEach(() => {
	vi.stubGlobal('addEventListener', vi.fn());
	vi.stubGlobal('removeEventListener', vi.fn());
	vi.stubGlobal('navigator', {});
});
afterEach(() => {
	for (const tab of tabs.splice(0)) tab.close();
	vi.unstubAllGlobals();
});

const tabs: Tab[] = [];

class CountingHost extends MemoryHost {
	streams = 0;

	override subscribe(after: string, handlers: Handlers): () => void {
		this.streams++;
		const stop = super.subscribe(after, handlers);
		return () => {
			this.streams--;
			stop();
		};
	}
}

/** A tab of somebody's browser that listens. */
class Tab {
	readonly frames: Frame[] = [];
	open = 0;
	lost = 0;
	refused: number[] = [];
	choke = false;
	readonly memory: CountingHost;
	readonly close: () => void;

	constructor(server: MemoryServer, after: number, session = 1) {
		this.memory = new CountingHost(server, session, session);
		this.close = new TabsHost(this.memory).subscribe(`${server.epoch}-${after}`, {
			open: () => this.open++,
			lost: () => this.lost++,
			refused: ({ status }) => this.refused.push(status),
			frame: (frame) => {
				if (this.choke) throw new Error('choked');
				this.frames.push(frame);
			}
		});
		tabs.push(this);
	}

	/** The events it has heard of, in order. */
	get heard(): number[] {
		return this.frames.flatMap(({ id }) => (id === undefined ? [] : [Number(id.split('-')[1])]));
	}

	get greeted(): boolean {
		return this.frames.some(({ event }) => event === 'session');
	}
}

let entity = 0;

function happen(server: MemoryServer, times = 1): void {
	for (let i = 0; i < times; i++) {
		const list = { id: ++entity, updatedAt: '2026-11-21T08:00:00.000Z', title: 'L' };
		const replacements = [{ kind: 'list', entity: list, base: 0 }];
		server.push({ replica: 9, seq: entity, replacements }, { userId: 9, sessionId: 9 });
	}
}

function upTo(n: number): number[] {
	return Array.from({ length: n }, (_, i) => i + 1);
}

test('one stream serves all tabs, and the next tab takes it over where it is', async () => {
	const server = new MemoryServer();
	happen(server, 2);
	const eight = upTo(8).map(() => new Tab(server, 0));
	await vi.waitFor(() => {
		for (const tab of eight) expect([tab.open > 0, tab.greeted, tab.heard]).toEqual([true, true, [1, 2]]);
	});
	for (let events = 3; eight.length > 1; events++) {
		expect(server.wakers.size, 'streams').toBe(1);
		happen(server);
		await vi.waitFor(() => {
			for (const tab of eight) expect(tab.heard).toEqual(upTo(events));
		});
		const leads = eight.findIndex(({ memory }) => memory.streams > 0);
		eight.splice(leads, 1)[0]?.close();
		happen(server); // while nobody leads
		events++;
		await vi.waitFor(() => {
			for (const tab of eight) expect(tab.heard).toEqual(upTo(events));
		});
	}
});

test('a tab that comes later, and from further behind, catches up and misses nothing', async () => {
	const server = new MemoryServer();
	happen(server, 3);
	const first = new Tab(server, 3);
	await vi.waitFor(() => expect(first.greeted).toBe(true));
	const later = new Tab(server, 0);
	happen(server, 2);
	await vi.waitFor(() => expect(later.heard).toEqual([1, 2, 3, 4, 5]));
	expect(first.heard).toEqual([4, 5]);
	expect(server.wakers.size).toBe(1);
});

test('tabs of another session have a stream of their own', async () => {
	const server = new MemoryServer();
	const [anna, ben] = [new Tab(server, 0, 1), new Tab(server, 0, 2)];
	await vi.waitFor(() => expect(anna.greeted && ben.greeted).toBe(true));
	expect(server.wakers.size).toBe(2);
	expect(anna.frames[0]?.data).toMatchObject({ id: 1 });
	expect(ben.frames[0]?.data).toMatchObject({ id: 2 });
});

test('a stream that turns out to be in another name is not shared with those of the old one', async () => {
	const server = new MemoryServer();
	const [first, second] = [new Tab(server, 0), new Tab(server, 0)];
	await vi.waitFor(() => expect(first.greeted && second.greeted).toBe(true));
	const leads = [first, second].find(({ memory }) => memory.streams > 0)!;
	const follows = leads === first ? second : first;
	// In a third tab somebody else signs in; only the leader's stream has noticed yet.
	leads.memory.offline = true;
	leads.memory.userId = leads.memory.sessionId = 2;
	leads.memory.offline = false;
	await vi.waitFor(() => expect(leads.frames.at(-1)?.data).toMatchObject({ id: 2 }));
	happen(server);
	await vi.waitFor(() => expect([...leads.heard, ...follows.heard]).toEqual([1, 1]));
	for (const { event, data } of follows.frames)
		if (event === 'session') expect(data).toMatchObject({ id: 1 });
});

test('what a follower chokes on comes again when it subscribes again', async () => {
	const reported = vi.fn();
	vi.stubGlobal('reportError', reported);
	const server = new MemoryServer();
	const first = new Tab(server, 0);
	await vi.waitFor(() => expect(first.greeted).toBe(true));
	const second = new Tab(server, 0);
	await vi.waitFor(() => expect(second.greeted).toBe(true));
	second.choke = true;
	happen(server);
	await vi.waitFor(() => expect(second.refused).toEqual([0]));
	expect(reported).toHaveBeenCalledOnce();
	expect(first.heard).toEqual([1]);
	second.close();
	const again = new Tab(server, 0);
	await vi.waitFor(() => expect(again.heard).toEqual([1]));
});

test('whoever is not signed in is refused', async () => {
	const tab = new Tab(new MemoryServer(), 0, 0);
	await vi.waitFor(() => expect(tab.refused).toEqual([401]));
});
