import type { Batch } from '../../api/api';
import type { Session } from '../../replica/types';
import { Unreached, type Answer, type Handlers, type Host } from '../host';
import { MemoryAuth, ok, problem } from './auth';
import type { MemoryServer } from './server';

/** One device at a household in memory. */
export class MemoryHost implements Host {
	readonly kind = 'memory';
	#offline = false;
	#wakers = new Set<() => void>();
	#auth: MemoryAuth;

	constructor(
		readonly server: MemoryServer,
		/** The user signed in here; 0 is nobody. */
		public userId: number,
		public sessionId: number
	) {
		this.#auth = new MemoryAuth(server.now, sessionId);
	}

	get offline(): boolean {
		return this.#offline;
	}

	set offline(offline: boolean) {
		this.#offline = offline;
		for (const wake of [...this.#wakers]) wake();
	}

	async request(method: string, path: string, body?: unknown): Promise<Answer> {
		await Promise.resolve(); // no carrier answers in the same breath
		if (this.#offline) throw new Unreached('offline');
		const [bare = '', query] = path.split('?');
		const answer = this.#answer(method, bare, new URLSearchParams(query), body);
		return structuredClone(answer);
	}

	subscribe(after: string, handlers: Handlers): () => void {
		const stream = new Stream(this, after, handlers);
		this.server.wakers.add(stream.wake);
		this.#wakers.add(stream.wake);
		queueMicrotask(stream.wake);
		return () => {
			stream.stopped = true;
			this.server.wakers.delete(stream.wake);
			this.#wakers.delete(stream.wake);
		};
	}

	wake(): void {
		for (const wake of this.#wakers) wake();
	}

	openExternal(url: string): void {
		window.open(url, '_blank', 'noopener');
	}

	session(): Session {
		const user = this.server.get('user', this.userId);
		return {
			id: this.sessionId,
			kind: 'browser',
			level: 1,
			user: user ?? { id: this.userId, updatedAt: new Date(0).toISOString() },
			device: 'This browser',
			instance: { id: 'memory', household: 'Lindner', version: __VERSION__, demo: true },
			accessRev: 1,
			rotatesInMs: 600_000,
			expiresInMs: 86_400_000,
			stepUpInMs: 600_000,
			dataChecksum: this.#auth.checksum,
			notices: this.#auth.notices
		};
	}

	#answer(method: string, path: string, query: URLSearchParams, body: unknown): Answer {
		const { server } = this;
		if (path === '/api/auth/methods') return ok(this.#methods());
		if (path.startsWith('/api/auth/login/')) {
			const { name } = body as { name: string };
			const user = server.entities().find((change) => change.kind === 'user' && change.entity.name === name);
			if (!user) return problem(401, 'sign-in-failed');
			this.userId = user.entity.id;
			return ok({ session: this.session() });
		}
		if (this.userId === 0) return problem(401, 'session-missing');
		const [, , part, kind = '', id = ''] = path.split('/');
		switch (`${method} ${part}`) {
			case 'GET last-event-id':
				return ok(server.head);
			case 'GET entities':
				return ok({ ...server.head, entities: server.entities() });
			case 'GET changes':
				return this.#changes(query.get('after') ?? '');
			case 'POST replacements':
				return ok(server.push(body as Batch, { userId: this.userId, sessionId: this.sessionId }));
			case 'GET history':
				return ok({ versions: server.history(kind, Number(id)).map((v) => ({ ...v, device: 'Kitchen' })) });
			case 'GET trash':
				return ok({ entries: this.#trash() });
		}
		switch (`${method} ${path}`) {
			case 'POST /api/auth/logout':
				this.userId = 0;
				return { status: 204, body: undefined };
			case 'GET /api/auth/session':
				return ok(this.session());
			case 'GET /api/auth/account':
				return ok(server.get('user', this.userId));
		}
		return this.#auth.answer(method, path, query, body) ?? problem(404, 'not-found');
	}

	#changes(after: string): Answer {
		const [epoch, id = 0] = after.split('-').map(Number);
		const { head } = this.server;
		if (epoch !== head.epoch || id > head.id) return problem(409, 'cursor-reset');
		return ok({ epoch, id: head.id, head: head.id, events: this.server.after(id) });
	}

	#methods() {
		const users = this.server.entities().filter(({ kind, entity }) => kind === 'user' && !entity.deleted);
		const faces = users.map(({ entity }) => entity);
		return {
			household: 'Lindner',
			instance: 'memory',
			encrypted: false,
			methods: [
				{ name: 'demo', kind: 'demo', users: faces },
				...['password', 'invitation', 'recovery', 'pairing'].map((name) => ({ name, kind: name }))
			]
		};
	}

	#trash() {
		return this.server.trash().map(({ kind, tombstone, last }) => ({
			kind,
			tombstone: tombstone.entity,
			last,
			base: tombstone.eventId,
			at: tombstone.at,
			by: tombstone.by,
			until: new Date(Date.parse(tombstone.at) + 30 * 86_400_000).toISOString()
		}));
	}
}

/** One open line to the server. */
class Stream {
	stopped = false;
	#open = false;
	#cursor: number;
	#epoch: number;

	constructor(
		private readonly host: MemoryHost,
		after: string,
		private readonly handlers: Handlers
	) {
		const [epoch = 0, id = 0] = after.split('-').map(Number);
		this.#epoch = epoch;
		this.#cursor = id;
	}

	/** Sends what is new; notices when the line went down or came back. */
	wake = (): void => {
		if (this.stopped) return;
		if (this.host.offline) {
			if (this.#open) this.handlers.lost();
			this.#open = false;
			return;
		}
		const { server } = this.host;
		if (!this.#open) {
			if (this.host.userId === 0) {
				this.stopped = true;
				return this.handlers.refused(problem(401, 'session-missing'));
			}
			this.#open = true;
			this.handlers.open();
			this.#send('session', this.host.session());
		}
		if (this.#epoch !== server.epoch || this.#cursor > server.head.id) {
			this.#send('reset', { reason: 'epoch' });
			return;
		}
		for (const event of server.after(this.#cursor)) {
			this.#cursor = event.id;
			const { by, at, replacements } = event;
			this.#send('replacements', { by, at, replacements }, `${server.epoch}-${event.id}`);
		}
	};

	#send(event: string, data: unknown, id?: string): void {
		if (this.stopped) return;
		this.handlers.frame({ event, data: structuredClone(data), ...(id === undefined ? {} : { id }) });
	}
}
