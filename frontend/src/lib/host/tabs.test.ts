import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer, Frame, Handlers, Host } from './host';
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

const patienceMs = 10_000;
vi.setConfig({ testTimeout: 3 * patienceMs });
const until = (fn: () => void) => vi.waitFor(fn, { timeout: patienceMs });

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
	await until(() => {
		for (const tab of eight) expect([tab.open > 0, tab.greeted, tab.heard]).toEqual([true, true, [1, 2]]);
	});
	for (let events = 3; eight.length > 1; events++) {
		expect(server.wakers.size, 'streams').toBe(1);
		happen(server);
		await until(() => {
			for (const tab of eight) expect(tab.heard).toEqual(upTo(events));
		});
		const leads = eight.findIndex(({ memory }) => memory.streams > 0);
		eight.splice(leads, 1)[0]?.close();
		happen(server); // while nobody leads
		events++;
		await until(() => {
			for (const tab of eight) expect(tab.heard).toEqual(upTo(events));
		});
	}
});

test('a tab that comes later, and from further behind, catches up and misses nothing', async () => {
	const server = new MemoryServer();
	happen(server, 3);
	const first = new Tab(server, 3);
	await until(() => expect(first.greeted).toBe(true));
	const later = new Tab(server, 0);
	happen(server, 2);
	await until(() => expect(later.heard).toEqual([1, 2, 3, 4, 5]));
	expect(first.heard).toEqual([4, 5]);
	expect(server.wakers.size).toBe(1);
});

test('what is to be forgotten is forgotten once, in its place, whichever way a tab hears of it', async () => {
	const event = (id: number) => ({
		id,
		by: { userId: 1, sessionId: 1 },
		at: '2026-11-21T08:00:00.000Z',
		replacements: []
	});
	const forget = { kind: 'list', ids: [7] };
	// Events 5 and 6 may not be seen by this session, and 7 takes a list out of its sight.
	const pages: Record<string, object> = {
		'4-6': { epoch: 4, id: 6, head: 6, events: [] },
		'4-3': { epoch: 4, id: 7, head: 7, events: [event(4), { ...event(7), forget: [forget] }] }
	};
	let stream: Handlers | undefined;
	const host: Host = {
		kind: 'browser',
		async request(_, path): Promise<Answer> {
			await Promise.resolve();
			if (path === '/api/auth/session') return { status: 200, body: { id: 3, instance: { id: 'x' } } };
			return { status: 200, body: pages[path.split('=')[1] ?? ''] };
		},
		subscribe(_, handlers) {
			stream = handlers;
			return () => {};
		},
		wake() {},
		openExternal() {}
	};
	const heard = {
		leads: [] as string[],
		level: [] as string[],
		ahead: [] as string[],
		behind: [] as string[]
	};
	const open = { leads: 0, level: 0, ahead: 0, behind: 0 };
	const listen = (name: keyof typeof heard, after: string) =>
		new TabsHost(host).subscribe(after, {
			open: () => open[name]++,
			lost: () => {},
			refused: () => {},
			frame: (frame) => heard[name].push(frame.id ?? frame.event)
		});
	const stops = [listen('leads', '4-4')];
	await until(() => expect(stream).toBeDefined());
	stream?.open();
	stops.push(listen('level', '4-4'), listen('ahead', '4-6'));
	await until(() => expect(open).toMatchObject({ level: 1, ahead: 1 }));
	pages['4-6'] = { epoch: 4, id: 7, head: 7, events: [{ ...event(7), forget: [forget] }] };
	stream?.frame({ event: 'forget', data: forget });
	stream?.frame({ event: 'replacements', id: '4-7', data: event(7) });
	stops.push(listen('behind', '4-3'));
	await until(() => expect(heard.behind).toEqual(['4-4', 'forget', '4-7']));
	for (const name of ['leads', 'level', 'ahead'] as const)
		await until(() => expect(heard[name], name).toEqual(['forget', '4-7']));
	for (const stop of stops) stop();
});

test('a tab that leads and says nothing any more is replaced', async () => {
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
	const asleep = new BroadcastChannel('inglenook memory 1 seat');
	try {
		let answered = false;
		asleep.onmessage = ({ data }) => {
			if ((data as { say: string }).say !== 'stands') return;
			asleep.postMessage({ say: 'leads', id: 0 });
			answered = true;
		};
		const server = new MemoryServer();
		const tab = new Tab(server, 0);
		await until(() => expect(answered).toBe(true));
		await until(() => expect(vi.getTimerCount()).toBe(1)); // it waits for a word, not for the seat
		await vi.advanceTimersByTimeAsync(60_000);
		expect(server.wakers.size).toBe(0);
		await vi.advanceTimersByTimeAsync(30_000);
		expect(server.wakers.size).toBe(1);
		await until(() => expect(tab.greeted).toBe(true));
	} finally {
		asleep.close();
		vi.useRealTimers();
	}
});

test('tabs of another session have a stream of their own', async () => {
	const server = new MemoryServer();
	const [anna, ben] = [new Tab(server, 0, 1), new Tab(server, 0, 2)];
	await until(() => expect(anna.greeted && ben.greeted).toBe(true));
	expect(server.wakers.size).toBe(2);
	expect(anna.frames[0]?.data).toMatchObject({ id: 1 });
	expect(ben.frames[0]?.data).toMatchObject({ id: 2 });
});

test('a stream that turns out to be in another name is not shared with those of the old one', async () => {
	const server = new MemoryServer();
	const [first, second] = [new Tab(server, 0), new Tab(server, 0)];
	await until(() => expect(first.greeted && second.greeted).toBe(true));
	const leads = [first, second].find(({ memory }) => memory.streams > 0)!;
	const follows = leads === first ? second : first;
	// In a third tab somebody else signs in; only the leader's stream has noticed yet.
	leads.memory.offline = true;
	leads.memory.userId = leads.memory.sessionId = 2;
	leads.memory.offline = false;
	await until(() => expect(leads.frames.at(-1)?.data).toMatchObject({ id: 2 }));
	happen(server);
	await until(() => expect([...leads.heard, ...follows.heard]).toEqual([1, 1]));
	for (const { event, data } of follows.frames)
		if (event === 'session') expect(data).toMatchObject({ id: 1 });
});

test('what a follower chokes on comes again when it subscribes again', async () => {
	const reported = vi.fn();
	vi.stubGlobal('reportError', reported);
	const server = new MemoryServer();
	const first = new Tab(server, 0);
	await until(() => expect(first.greeted).toBe(true));
	const second = new Tab(server, 0);
	await until(() => expect(second.greeted).toBe(true));
	second.choke = true;
	happen(server);
	await until(() => expect(second.refused).toEqual([0]));
	expect(reported).toHaveBeenCalledOnce();
	expect(first.heard).toEqual([1]);
	second.close();
	const again = new Tab(server, 0);
	await until(() => expect(again.heard).toEqual([1]));
});

test('whoever is not signed in is refused', async () => {
	const tab = new Tab(new MemoryServer(), 0, 0);
	await until(() => expect(tab.refused).toEqual([401]));
});
