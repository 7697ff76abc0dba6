import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Unreached, type Answer, type Handlers } from '../host/host';
import { MemoryHost } from '../host/memory/host';
import { MemoryServer } from '../host/memory/server';
import type { Env } from './env';
import { LocalReplica } from './replica';
import type { Entity } from './types';

/** Answers and frames arrive when the scheduler lets them; answers may get lost. */
class SlowHost extends MemoryHost {
	lose: () => boolean = () => false;

	constructor(
		server: MemoryServer,
		userId: number,
		sessionId: number,
		private readonly arrive: <T>(what: T) => Promise<T>
	) {
		super(server, userId, sessionId);
	}

	override async request(method: string, path: string, body?: unknown): Promise<Answer> {
		await this.arrive('request');
		const answer = await super.request(method, path, body);
		await this.arrive('answer');
		if (this.offline || (method === 'POST' && this.lose())) throw new Unreached('lost');
		return answer;
	}

	override subscribe(after: string, handlers: Handlers): () => void {
		let stopped = false;
		let inOrder = Promise.resolve();
		const later = (fn: () => void) => {
			inOrder = inOrder
				.then(() => this.arrive('frame'))
				.then(() => {
					if (!stopped) fn();
				});
		};
		const stop = super.subscribe(after, {
			open: () => later(handlers.open),
			frame: (frame) => later(() => handlers.frame(frame)),
			lost: () => later(handlers.lost),
			refused: (answer) => later(() => handlers.refused(answer))
		});
		return () => {
			stopped = true;
			stop();
		};
	}
}

function env(arrive: <T>(what: T) => Promise<T>, clock: { now: number }): Env {
	return {
		now: () => ++clock.now,
		random: () => 0.5,
		after(_, fn) {
			let off = false;
			void arrive('timer').then(() => {
				if (!off) fn();
			});
			return () => (off = true);
		},
		pause: () => Promise.resolve()
	};
}

const write = fc.record({
	device: fc.nat(2),
	what: fc.constantFrom(
		'create',
		'title',
		'quantity',
		'assign',
		'remove',
		'restore',
		'undo',
		'offline',
		'online'
	),
	which: fc.nat(7),
	value: fc.nat(1000)
});

test('whatever the order of answers and frames, all devices and the server end with the same, and nothing written is lost', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.scheduler(),
			fc.array(write, { maxLength: 25 }),
			fc.infiniteStream(fc.nat(5)),
			async (scheduler, writes, luck) => {
				const arrive = <T>(what: T) => scheduler.schedule(Promise.resolve(what));
				const clock = { now: Date.parse('2026-11-21T08:00:00.000Z') };
				const server = new MemoryServer(() => ++clock.now);
				const list = { id: 1, updatedAt: '2026-11-21T07:00:00.000Z', title: 'L' };
				server.push(
					{ replica: 1, seq: 1, replacements: [{ kind: 'list', entity: list, base: 0 }] },
					{ userId: 1, sessionId: 99 }
				);
				const hosts = [0, 1, 2].map((n) => new SlowHost(server, 1, n + 1, arrive));
				const replicas = hosts.map((host) => new LocalReplica(host, env(arrive, clock)));
				for (const host of hosts) host.lose = () => luck.next().value === 0;
				for (const replica of replicas) replica.start();
				await scheduler.waitFor(synced(...replicas));

				const made: number[] = [];
				const lastTitles = new Map<string, { id: number; title: string }>();
				for (const { device, what, which, value } of writes) {
					const [replica, host] = [replicas[device]!, hosts[device]!];
					const items = replica.all('item');
					const item = items[which % Math.max(1, items.length)];
					if (what === 'create') {
						const id = replica.create('item', { listId: 1, title: `new ${value}` });
						made.push(id);
					} else if (what === 'offline') host.offline = true;
					else if (what === 'online') host.offline = false;
					else if (what === 'undo') {
						replica.undo();
						lastTitles.clear(); // what was taken back before it was sent reaches nobody
					} else if (what === 'restore') {
						const gone = made.find((id) => replica.get('item', id)?.deleted);
						if (gone) replica.restore('item', gone, { listId: 1, title: 'back' } as unknown as Entity);
					} else if (item && what === 'title') {
						const title = `title ${device} ${value}`;
						replica.edit('item', item.id, { title });
						lastTitles.set(`${device} ${item.id}`, { id: item.id, title });
					} else if (item && what === 'quantity') replica.edit('item', item.id, { quantity: value });
					else if (item && what === 'assign')
						replica.edit('item', item.id, { [`assignees/${device}`]: true });
					else if (item && what === 'remove') replica.remove('item', item.id);
					if (scheduler.count() > 0 && value % 3 > 0) await scheduler.waitOne();
				}

				for (const host of hosts) {
					host.offline = false;
					host.lose = () => false;
				}
				for (const replica of replicas) replica.syncNow();
				await scheduler.waitFor(synced(...replicas));

				const there = server.entities().filter(({ kind }) => kind === 'item');
				for (const replica of replicas) {
					expect(replica.parked).toEqual([]);
					for (const { entity } of there) expect(replica.get('item', entity.id)).toEqual(entity);
					expect(replica.all('item').length).toBe(there.filter(({ entity }) => !entity.deleted).length);
					const byList = replica.children('item', 'listId', 1).map(({ id }) => id);
					expect([...byList].sort()).toEqual(
						replica
							.all('item')
							.map(({ id }) => id)
							.sort()
					);
				}
				for (const id of made) expect(server.get('item', id), 'everything made is there').toBeDefined();
				for (const { id, title } of lastTitles.values()) {
					const values = server
						.history('item', id)
						.flatMap(({ entity, superseded }) => [entity.title, ...superseded.map(({ value }) => value)]);
					expect(values, 'everything written is in the history').toContain(title);
				}
				for (const replica of replicas) replica.stop();
			}
		),
		{ numRuns: 60 }
	);
}, 60_000);

/** Resolves when none of the replicas has anything to send or to hear. */
function synced(...replicas: LocalReplica[]): Promise<void> {
	return new Promise((resolve) => {
		const look = () => {
			const head = Math.max(...replicas.map(({ status }) => status.there));
			if (!replicas.every(({ status }) => status.state === 'synced' && status.here === head)) return;
			for (const stop of stops) stop();
			resolve();
		};
		const stops = replicas.map((replica) => replica.subscribe(look));
		queueMicrotask(look);
	});
}

test('an array stays the same until something in it changes', async () => {
	const server = new MemoryServer();
	const replica = new LocalReplica(
		new MemoryHost(server, 1, 1),
		env((what) => Promise.resolve(what), { now: 0 })
	);
	replica.start();
	await synced(replica);
	const list = replica.create('list', { title: 'A' });
	const other = replica.create('list', { title: 'B' });
	const item = replica.create('item', { listId: list, title: 'x' });
	const [all, mine, theirs] = [
		replica.all('item'),
		replica.children('item', 'listId', list),
		replica.children('item', 'listId', other)
	];
	replica.edit('list', list, { title: 'C' });
	expect(replica.all('item')).toBe(all);
	replica.edit('item', item, { title: 'y' });
	expect(replica.all('item')).not.toBe(all);
	expect(replica.children('item', 'listId', list)).not.toBe(mine);
	expect(replica.children('item', 'listId', other)).toBe(theirs);
	replica.edit('item', item, { listId: other });
	expect(replica.children('item', 'listId', list)).toEqual([]);
	expect(replica.children('item', 'listId', other)).toHaveLength(1);
	replica.stop();
});

test('an act is one batch, one step of undo, and undone as one', async () => {
	const server = new MemoryServer();
	const replica = new LocalReplica(
		new MemoryHost(server, 1, 1),
		env((what) => Promise.resolve(what), { now: 0 })
	);
	replica.start();
	await synced(replica);
	replica.act('packed', () => {
		const list = replica.create('list', { title: 'Harz' });
		for (const title of ['Torch', 'Rope']) replica.create('item', { listId: list, title });
	});
	await synced(replica);
	expect(server.head.id).toBe(1);
	expect(replica.undoable?.label).toBe('packed');
	replica.undo();
	expect(replica.all('item')).toEqual([]);
	expect(replica.all('list')).toEqual([]);
	expect(replica.undo()).toBeUndefined();
	replica.redo();
	expect(replica.all('item').map(({ title }) => title)).toEqual(['Torch', 'Rope']);
	await synced(replica);
	expect(server.trash()).toEqual([]);
	replica.stop();
});

test('undo deletes what an act made and puts back what it changed, but for what was changed since', async () => {
	const server = new MemoryServer();
	const [mine, theirs] = [1, 2].map(
		(session) =>
			new LocalReplica(
				new MemoryHost(server, session, session),
				env((what) => Promise.resolve(what), { now: 0 })
			)
	) as [LocalReplica, LocalReplica];
	for (const replica of [mine, theirs]) replica.start();
	await synced(mine, theirs);
	const old = mine.create('list', { title: 'Old' });
	const far = mine.create('list', { title: 'Far' });
	let [list, plain, ticked, empty] = [0, 0, 0, 0];
	mine.act('imported', () => {
		mine.edit('list', old, { title: 'Old, renamed' });
		mine.edit('list', far, { title: 'Far, renamed' });
		list = mine.create('list', { title: 'Harz' });
		plain = mine.create('item', { listId: list, title: 'Torch' });
		ticked = mine.create('item', { listId: list, title: 'Rope' });
		empty = mine.create('list', { title: 'Empty' });
	});
	await synced(mine, theirs);
	theirs.edit('item', ticked, { done: true });
	theirs.edit('list', far, { title: 'Very far' });
	await synced(mine, theirs);
	const before = server.head.id;

	expect(mine.undo()).toMatchObject({ label: 'imported', left: 2 });
	await synced(mine, theirs);
	expect(server.head.id, 'one batch').toBe(before + 1);
	expect(server.get('list', old)?.title).toBe('Old');
	expect(server.get('list', far)?.title, 'changed since').toBe('Very far');
	for (const [kind, id] of [
		['item', plain],
		['list', empty]
	] as const)
		expect(server.get(kind, id)?.deleted, 'made by the act').toBe(true);
	expect(server.get('item', ticked), 'changed since').toMatchObject({ title: 'Rope', done: true });
	expect(server.get('list', list)?.deleted, 'what that lies in').toBeUndefined();

	expect(mine.redo()).toMatchObject({ left: 1 });
	await synced(mine, theirs);
	expect(server.get('list', old)?.title).toBe('Old, renamed');
	expect(server.get('list', far)?.title).toBe('Very far');
	expect(server.get('item', plain)).toMatchObject({ title: 'Torch', listId: list });
	for (const replica of [mine, theirs]) replica.stop();
});

test("somebody else's unsent writes are not sent in the name of who signs in", async () => {
	const server = new MemoryServer();
	const host = new MemoryHost(server, 1, 1);
	const replica = new LocalReplica(
		host,
		env((what) => Promise.resolve(what), { now: 0 })
	);
	replica.start();
	await synced(replica);
	host.offline = true;
	replica.create('list', { title: 'A secret' });
	host.userId = 2;
	host.offline = false;
	replica.syncNow();
	await synced(replica);
	expect(replica.parked).toEqual([]);
	expect(replica.unsaved).toBe(1);
	expect(server.entities()).toEqual([]);
	host.userId = 1;
	host.offline = true;
	replica.create('list', { title: 'of the second' });
	host.offline = false;
	replica.syncNow();
	await synced(replica);
	expect(replica.parked.map(({ replacement }) => replacement.entity.title)).toEqual(['A secret']);
	replica.stop();
});
