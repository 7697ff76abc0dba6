// What goes wrong between the page and its server, and that nothing is lost by it.
import { expect, test, vi } from 'vitest';
import type { Batch } from '../api/api';
import { Unreached, type Answer } from '../host/host';
import { MemoryHost } from '../host/memory/host';
import { MemoryServer } from '../host/memory/server';
import type { Env } from './env';
import { LocalReplica } from './replica';

const other = { userId: 1, sessionId: 99 };

/** The world of a page in which no timer fires: whatever happens, happens at once or when it is asked for. */
function env(more: Partial<Env> = {}): Env {
	let now = Date.parse('2026-11-21T08:00:00.000Z');
	return {
		now: () => (now += 10),
		random: () => 1,
		after: () => () => {},
		pause: () => Promise.resolve(),
		...more
	};
}

function household(items: number): MemoryServer {
	const server = new MemoryServer();
	const at = '2026-11-21T07:00:00.000Z';
	const list = { kind: 'list', entity: { id: 1, updatedAt: at, title: 'L' } };
	server.push({ replica: 9, seq: 1, replacements: [list] }, other);
	for (let id = 1; id <= items; id++) write(server, id, `title ${id}`);
	return server;
}

let seq = 1;
function write(server: MemoryServer, id: number, title: string): void {
	const base = server.get('item', id) ? server.head.id : 0;
	const updatedAt = new Date(Date.parse('2026-11-21T07:00:00.000Z') + seq).toISOString();
	const entity = { id, updatedAt, listId: 1, title };
	server.push({ replica: 9, seq: ++seq, replacements: [{ kind: 'item', entity, base }] }, other);
}

/** A server whose snapshots break off after so many lines. */
class CuttingHost extends MemoryHost {
	cutAfter = Infinity;
	asked: string[] = [];
	onCut = () => {};

	async *lines(path: string): AsyncIterable<unknown> {
		this.asked.push(path);
		await Promise.resolve();
		const query = new URLSearchParams(path.split('?')[1]);
		const [epoch, id] = (query.get('at') ?? '').split('-').map(Number);
		yield id === undefined ? this.server.head : { epoch, id };
		const all = this.server.entities().map(({ kind, entity }) => ({
			kind,
			entity,
			event: this.server.history(kind, entity.id)[0]!.eventId
		}));
		const at = all.findIndex(({ kind, entity }) => `${kind}/${entity.id}` === query.get('after'));
		let n = 0;
		for (const change of all.slice(at + 1)) {
			if (n++ === this.cutAfter) {
				this.onCut();
				throw new Unreached('cut');
			}
			yield structuredClone(change);
		}
		yield { count: n };
	}
}

function state(replica: LocalReplica, wanted: string): Promise<void> {
	return vi.waitFor(() => expect(replica.status.state).toBe(wanted));
}

test('a snapshot that was cut goes on where it ended, and never shows what is older', async () => {
	const server = household(300);
	const host = new CuttingHost(server, 1, 1);
	host.cutAfter = 200;
	const replica = new LocalReplica(host, env());
	replica.start();
	await state(replica, 'unreached');
	write(server, 300, 'second');
	write(server, 300, 'third');
	host.cutAfter = Infinity;
	const titles = new Set<unknown>();
	replica.subscribe(() => titles.add(replica.get('item', 300)?.title));
	replica.syncNow();
	await state(replica, 'synced');
	expect(host.asked).toEqual(['/api/entities', expect.stringMatching(/\?at=\d+-301&after=item%2F\d+$/)]);
	expect(replica.all('item')).toHaveLength(300);
	expect(replica.status.here).toBe(303);
	expect([...titles].filter(Boolean)).toEqual(['third']);
	replica.stop();
});

test('what only a cut snapshot of another epoch contained is not shown', async () => {
	const server = household(100);
	const host = new CuttingHost(server, 1, 1);
	host.cutAfter = 90;
	const replica = new LocalReplica(host, env());
	replica.start();
	await state(replica, 'unreached');
	server.rewind(11);
	host.cutAfter = Infinity;
	replica.syncNow();
	await state(replica, 'synced');
	expect(replica.all('item')).toHaveLength(10);
	replica.stop();
});

test("after the session ended somebody else's sign-in sends nothing of before", async () => {
	const server = new MemoryServer();
	const host = new MemoryHost(server, 1, 1);
	const replica = new LocalReplica(host, env());
	replica.start();
	await state(replica, 'synced');
	host.offline = true;
	replica.create('list', { title: 'A secret' });
	host.userId = 0;
	host.offline = false;
	await state(replica, 'sign-in');
	host.userId = 2;
	replica.syncNow();
	await state(replica, 'synced');
	expect(replica.parked).toEqual([]);
	expect(replica.unsaved).toBe(1);
	expect(server.entities()).toEqual([]);
	replica.stop();
});

test('what the same person wrote while the session had ended is sent after signing in again', async () => {
	const server = new MemoryServer();
	const host = new MemoryHost(server, 1, 1);
	const replica = new LocalReplica(host, env());
	replica.start();
	await state(replica, 'synced');
	host.userId = 0;
	const id = replica.create('list', { title: 'kept' });
	await state(replica, 'sign-in');
	expect(replica.get('list', id)?.title).toBe('kept');
	host.userId = 1;
	replica.syncNow();
	await state(replica, 'synced');
	expect(server.get('list', id)?.title).toBe('kept');
	replica.stop();
});

test('when the network is back nothing waits for a timer', async () => {
	const host = new MemoryHost(household(1), 1, 1);
	host.offline = true;
	let wake = () => {};
	const replica = new LocalReplica(host, env({ onWake: (fn) => ((wake = fn), () => (wake = () => {})) }));
	replica.start();
	await state(replica, 'unreached');
	host.offline = false;
	wake();
	await state(replica, 'synced');
	replica.stop();
});

/** A server whose answers to writes do not come through. */
class DeafHost extends MemoryHost {
	posts = 0;

	override async request(method: string, path: string, body?: unknown): Promise<Answer> {
		if (method === 'POST' && ++this.posts > 0) throw new Unreached('lost');
		return super.request(method, path, body);
	}
}

test('writes that are lost on an open line are not repeated without end', async () => {
	const host = new DeafHost(household(1), 1, 1);
	const replica = new LocalReplica(host, env());
	replica.start();
	await state(replica, 'synced');
	replica.edit('item', 1, { title: 'y' });
	for (let turns = 0; turns < 50; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
	expect(host.posts).toBeGreaterThan(1);
	expect(host.posts).toBeLessThan(4);
	expect(replica.get('item', 1)?.title).toBe('y');
	replica.stop();
});

test('an answer from another epoch confirms nothing here', async () => {
	const server = household(5);
	const replica = new LocalReplica(new MemoryHost(server, 1, 1), env());
	replica.start();
	await state(replica, 'synced');
	server.rewind(1);
	server.wakers.clear(); // the stream has not noticed
	const id = replica.create('item', { listId: 1, title: 'new' });
	await vi.waitFor(() => expect(server.get('item', id)?.title).toBe('new'));
	for (let turns = 0; turns < 5; turns++) {
		await new Promise((resolve) => setTimeout(resolve, 0));
		expect(replica.get('item', id)?.title).toBe('new');
	}
	await state(replica, 'synced');
	expect(replica.all('item')).toHaveLength(1);
	replica.stop();
});

/** Keeps what was sent. */
class ListeningHost extends MemoryHost {
	batches: Batch[] = [];

	override request(method: string, path: string, body?: unknown): Promise<Answer> {
		if (path === '/api/replacements') this.batches.push(structuredClone(body) as Batch);
		return super.request(method, path, body);
	}
}

test('an edit of what was just restored from the trash is no second making of it', async () => {
	const server = household(1);
	const deleted = { id: 1, updatedAt: '2026-11-21T07:30:00.000Z', deleted: true } as const;
	const replacement = { kind: 'item', entity: deleted, base: server.head.id };
	server.push({ replica: 9, seq: ++seq, replacements: [replacement] }, other);
	const host = new ListeningHost(server, 1, 1);
	// As where the tombstone is not here: the snapshot leaves it out.
	server.entities = () => [];
	const replica = new LocalReplica(host, env());
	replica.start();
	await state(replica, 'synced');
	replica.act('', () => {
		replica.restore('item', 1, { id: 1, updatedAt: '', listId: 1, title: 'back' });
		replica.edit('item', 1, { listId: 2 });
	});
	await state(replica, 'synced');
	expect(host.batches[0]?.replacements.map(({ base }) => base)).toEqual([3, 3]);
	expect(replica.parked).toEqual([]);
	expect(server.get('item', 1)).toMatchObject({ title: 'back', listId: 2 });
	replica.stop();
});
