import type { components } from '../../api/gen/api';
import type { Answer } from '../host';

type Schemas = components['schemas'];

/** What a household in memory answers about devices, ways to sign in and who is to be let in: enough to build screens with. */
export class MemoryAuth {
	data: unknown = null;
	notices: Schemas['Notice'][];
	#version = 1;
	#count = 100;
	#devices: Schemas['Device'][];
	#methods: Schemas['AccountMethod'][];
	#invitations: Schemas['Invitation'][] = [];
	#requests: Schemas['JoinRequest'][];
	#audit: Schemas['AuditRecord'][];

	constructor(
		private readonly now: () => number,
		sessionId: number
	) {
		const at = this.#ago(0);
		const device = { platform: 'Linux', version: '0.1.0', level: 2, network: '192.168.1.0/24' };
		const visits = {
			firstVisitAt: this.#ago(90),
			previousVisitAt: this.#ago(1),
			latestVisitAt: at,
			lastUsedAt: at
		};
		this.#devices = [
			{ id: sessionId, name: 'This browser', kind: 'browser', current: true, ...device, ...visits },
			{ id: 71, name: 'Kitchen', kind: 'desktop', current: false, ...device, ...visits },
			{
				id: 72,
				name: 'Old phone',
				kind: 'browser',
				current: false,
				...device,
				...visits,
				level: 0,
				platform: 'Android'
			}
		];
		this.notices = [{ id: 1, kind: 'join-request', at: this.#ago(0.1), count: 1 }];
		this.#methods = [{ id: '1', kind: 'password', name: '', addedAt: this.#ago(300), lastUsedAt: at }];
		this.#requests = [
			{
				id: 81,
				name: 'Carla',
				method: 'oidc',
				displayName: 'Carla Berg',
				device: 'Firefox · macOS',
				network: '203.0.113.0/24',
				at
			}
		];
		this.#audit = Array.from({ length: 250 }, (_, i) => ({
			n: 250 - i,
			at: this.#ago(i / 3),
			kind: ['sign-in', 'rotated', 'visit', 'sign-out'][i % 4]!,
			userId: 1,
			sessionId,
			network: '192.168.1.0/24'
		}));
	}

	/** Undefined for what it knows nothing about. */
	answer(method: string, path: string, query: URLSearchParams, body: unknown): Answer | undefined {
		const given = (body ?? {}) as Record<string, string>;
		const [, , , part = '', id = '', more = ''] = path.split('/');
		switch (`${method} ${part}${part === 'account' && id ? `/${id}` : ''}`) {
			case 'POST verify':
				return done;
			case 'GET sessions':
				return ok(this.#devices);
			case 'PATCH sessions':
				this.#devices = this.#devices.map((one) =>
					one.id === Number(id) ? { ...one, name: given.device! } : one
				);
				return done;
			case 'DELETE sessions':
				this.#devices = this.#devices.filter((one) => one.current || (id !== '' && one.id !== Number(id)));
				return done;
			case 'DELETE session':
				if (id !== 'notices') return undefined;
				this.notices = this.notices.filter((notice) => notice.id !== Number(more));
				return done;
			case 'GET session':
				return id === 'data' ? { ...ok(this.data), etag: this.checksum } : undefined;
			case 'PUT session':
				this.data = body;
				this.#version++;
				return { ...done, etag: this.checksum };
			case 'GET account/methods':
				return ok(this.#methods);
			case 'POST account/methods': {
				const added = { id: `${++this.#count}`, kind: more, name: given.name ?? '', addedAt: this.#ago(0) };
				this.#methods = [...this.#methods, added];
				return ok(added);
			}
			case 'DELETE account/methods':
				if (this.#methods.length === 1) return problem(409, 'last-method');
				this.#methods = this.#methods.filter((one) => one.id !== more);
				return done;
			case 'POST account/recovery':
				return ok({ codes: Array.from({ length: 10 }, (_, i) => `abcd-${i}efg-hjkm-npqr`) });
			case 'PATCH account':
				return done;
			case 'POST tokens':
				return ok({ value: 'v1.1.1.in-memory' });
			case 'GET pair':
				return ok({
					code: query.get('code'),
					device: 'Chrome · Android',
					network: '192.168.1.0/24',
					at: this.#ago(0)
				});
			case 'POST pair':
			case 'DELETE pair':
				return done;
			case 'GET invitations':
				return ok(this.#invitations);
			case 'POST invitations': {
				const invitation = {
					access: 'member',
					...given,
					id: `${++this.#count}`,
					by: 1,
					at: this.#ago(0),
					expiresAt: this.#ago(-7)
				};
				this.#invitations = [...this.#invitations, invitation];
				return ok({ ...invitation, code: 'MNPQ-RSTV-WXYZ' });
			}
			case 'DELETE invitations':
				this.#invitations = this.#invitations.filter((one) => one.id !== id);
				return done;
			case 'GET requests':
				return ok(this.#requests);
			case 'POST requests':
			case 'DELETE requests':
				this.#requests = this.#requests.filter((one) => one.id !== Number(id));
				return done;
			case 'GET audit':
				return ok(
					this.#auditPage(Number(query.get('before') ?? Infinity), Number(query.get('limit') ?? 100))
				);
		}
		return undefined;
	}

	get checksum(): string {
		return `${this.#version}`;
	}

	#auditPage(before: number, limit: number): Schemas['AuditPage'] {
		const records = this.#audit.filter(({ n }) => n < before).slice(0, limit);
		const last = records.at(-1)?.n ?? 1;
		return { records, ...(last > 1 && { next: last }) };
	}

	#ago(days: number): string {
		return new Date(this.now() - days * 86_400_000).toISOString();
	}
}

const done: Answer = { status: 204, body: undefined };

export function ok(body: unknown): Answer {
	return { status: 200, body };
}

export function problem(status: number, code: string): Answer {
	return { status, body: { type: `/problems/${code}`, title: code, status, code } };
}
