import type { Clock } from './clock';

/** As in syncserver/session/machine/timers.go, in milliseconds. */
export const timers = {
	rotation: 600_000,
	overlap: 10_000,
	grace: 300_000,
	rollback: 90_000,
	claimDelay: 11_000,
	claimLife: 120_000,
	nonce: 60_000
};

interface Generation {
	number: number;
	rotatesAt: number;
	expiresAt: number;
	firstUsedAt: number;
}

/** What the browser sent, and what it showed of the session. */
export interface Asked {
	method: string;
	path: string;
	headers: Headers;
	body: Record<string, unknown>;
	/** The generation in the cookie; undefined: no cookie. */
	generation: number | undefined;
}

export interface Told {
	status: number;
	body?: unknown;
	headers?: Record<string, string>;
	/** The generation of a cookie that is set. */
	hand?: number;
}

type Proof = 'none' | 'bad' | 'stale' | 'valid';

/** One session as the rows of syncserver/session/machine say, for a client that is honest. */
export class Server {
	id = 7;
	/** Whoever signs in. */
	userId = 1;
	readonly asked: Asked[] = [];
	/** Codes of 401 that were answered, in order. */
	readonly refusals: string[] = [];
	ended = '';
	#generations: Generation[] = [];
	#usedLate = 0;
	#claim: { generation: number; head: number; openedAt: number } | undefined;
	#key: JsonWebKey | undefined;
	#nonces = new Map<string, number>();
	#count = 0;

	constructor(private readonly clock: Clock) {}

	get head(): Generation {
		return this.#generations[0]!;
	}

	get bound(): boolean {
		return this.#key !== undefined;
	}

	session() {
		return {
			id: this.id,
			kind: 'browser',
			level: this.bound ? 2 : 0,
			user: { id: this.userId, updatedAt: '2026-11-21T08:00:00.000Z', name: 'Anna', color: 'coral' },
			device: 'Firefox',
			instance: { id: 'instance-1', household: 'Lindner', version: '1' },
			accessRev: 1,
			rotatesInMs: this.head.rotatesAt - this.clock.now(),
			expiresInMs: 86_400_000,
			stepUpInMs: 0,
			dataChecksum: ''
		};
	}

	/** As after a restore from a backup: the server knows no generation after this one. */
	forget(number: number): void {
		this.#generations = this.#generations.filter((generation) => generation.number <= number);
	}

	async answer(asked: Asked): Promise<Told> {
		this.asked.push(asked);
		const told = await this.#answer(asked);
		if (told.status === 401) this.refusals.push((told.body as { code: string }).code);
		return told;
	}

	async #answer(asked: Asked): Promise<Told> {
		const { path, generation } = asked;
		if (path === '/api/auth/methods')
			return this.#withNonce({
				status: 200,
				body: { household: 'Lindner', instance: 'instance-1', methods: [], encrypted: true }
			});
		if (path.startsWith('/api/auth/login/')) return this.#signIn(asked);
		if (generation === undefined) return this.#refuse('session-missing');
		const named = asked.headers.get('Inglenook-Session');
		if (named !== null && named !== String(this.id)) return this.#refuse('session-expired', false);
		if (this.ended) return this.#refuse(this.ended);
		const proof = await this.#proof(asked);
		const { head } = this;
		if (path.startsWith('/api/auth/rebind/')) return this.#rebind(asked);
		if (asked.body.keyLost && this.bound) return this.#refuse('session-reverify');
		if (generation > head.number) return this.#ahead(asked, proof);
		if (generation === head.number) return this.#head(asked, proof);
		if (path === '/api/auth/recover') return this.#recover(asked, proof);
		const before = this.#generations[1];
		if (before?.number === generation && this.clock.now() < before.expiresAt) {
			const told = this.#served(asked);
			const unused = head.firstUsedAt === 0 && (!this.bound || proof === 'valid');
			return unused ? { ...told, hand: head.number } : told;
		}
		const rehanded = !this.bound && head.firstUsedAt === 0 && before?.number === generation;
		return { ...this.#refuse('session-superseded'), ...(rehanded && { hand: head.number }) };
	}

	async #signIn(asked: Asked): Promise<Told> {
		const register = await this.#registered(asked);
		if (register === 'stale') return this.#refuse('session-proof-required', true);
		this.#key = register;
		this.#generations = [];
		this.#push(1);
		return this.#withNonce({ status: 200, body: { session: this.session() }, hand: 1 });
	}

	async #rebind(asked: Asked): Promise<Told> {
		const register = await this.#registered(asked);
		if (register === undefined || register === 'stale') return this.#refuse('session-proof-required', true);
		this.#key = register;
		return this.#successor({ status: 200 }, asked);
	}

	/** The head: rows 4 to 7, and 18 for a sign-out. */
	#head(asked: Asked, proof: Proof): Told {
		const { head } = this;
		const now = this.clock.now();
		const due = now >= head.rotatesAt;
		const proven = proof === 'valid';
		const signOut = asked.path === '/api/auth/logout';
		if (this.bound && !proven && (signOut || now >= head.rotatesAt + timers.grace))
			return this.#refuse('session-proof-required');
		head.firstUsedAt ||= now;
		if (now > head.firstUsedAt + timers.rollback) this.#usedLate = head.number;
		if (signOut) {
			this.ended = 'session-ended';
			return { status: 204 };
		}
		if (!due) return this.#served(asked);
		if (this.bound && !proven)
			return this.#withNonce({ ...this.#served(asked), headers: { 'Inglenook-Session': 'rotate-due' } });
		return this.#successor({ ...this.#served(asked), headers: { 'Inglenook-Session': 'rotated' } }, asked);
	}

	/** Rows 9 and 11 to 16. */
	#recover(asked: Asked, proof: Proof): Told {
		const { head } = this;
		const now = this.clock.now();
		const generation = asked.generation ?? 0;
		const unused = head.firstUsedAt === 0;
		const hand = () =>
			unused
				? { status: 200, body: { session: this.session() }, hand: head.number }
				: this.#successor({ status: 200 }, asked);
		if (this.bound) {
			if (proof === 'valid') return hand();
			return this.#refuse(proof === 'stale' ? 'session-proof-required' : 'session-denied');
		}
		if (unused && this.#generations[1]?.number === generation)
			return { ...this.#refuse('session-superseded'), hand: head.number };
		const wait = () => {
			const claim = this.#claim!;
			const retryAfterMs = Math.max(0, claim.openedAt + timers.claimDelay - now);
			return this.#refuse('session-claim-open', false, { claimId: String(claim.head), retryAfterMs });
		};
		if (asked.body.claimId === undefined) {
			if (this.#claim?.generation !== generation || now >= this.#claim.openedAt + timers.claimLife)
				this.#claim = { generation, head: head.number, openedAt: now };
			return wait();
		}
		const claim = this.#claim;
		if (
			claim?.generation !== generation ||
			String(claim.head) !== asked.body.claimId ||
			now >= claim.openedAt + timers.claimLife
		)
			return this.#refuse('session-superseded');
		if (now < claim.openedAt + timers.claimDelay) return wait();
		if (this.#usedLate > generation) {
			this.ended = 'session-taken';
			return this.#refuse('session-taken', false, {
				at: '2026-11-21T07:00:00.000Z',
				network: '203.0.113.0/24'
			});
		}
		this.#claim = undefined;
		return hand();
	}

	#ahead(asked: Asked, proof: Proof): Told {
		if (!this.bound) {
			this.ended = 'session-ended';
			return this.#refuse('session-ended');
		}
		if (proof !== 'valid') return this.#refuse('session-proof-required');
		this.#push(asked.generation!);
		this.head.firstUsedAt = this.clock.now();
		return this.#served(asked);
	}

	#served({ method, path }: Asked): Told {
		return { status: 200, body: path === '/api/auth/session' ? this.session() : { method, path } };
	}

	#successor(told: Told, asked: Asked): Told {
		this.head.expiresAt = this.clock.now() + timers.overlap;
		this.#push(Math.max(this.head.number, asked.generation ?? 0) + 1);
		const session = this.session();
		const body =
			asked.path === '/api/auth/session'
				? session
				: asked.path.match(/recover|rebind/)
					? { session }
					: told.body;
		return this.#withNonce({ ...told, body, hand: this.head.number });
	}

	#push(number: number): void {
		const now = this.clock.now();
		this.#generations.unshift({
			number,
			rotatesAt: now + timers.rotation,
			expiresAt: Infinity,
			firstUsedAt: 0
		});
		this.#claim = undefined;
	}

	#refuse(code: string, nonce = this.bound && !this.ended, more: object = {}): Told {
		const told = { status: 401, body: { status: 401, code, title: code, ...more } };
		return nonce ? this.#withNonce(told) : told;
	}

	#withNonce(told: Told): Told {
		const nonce = `nonce-${++this.#count}`;
		this.#nonces.set(nonce, this.clock.now());
		return { ...told, headers: { ...told.headers, 'Inglenook-Nonce': nonce } };
	}

	async #proof(asked: Asked): Promise<Proof> {
		const proof = asked.headers.get('Inglenook-Proof');
		if (!proof) return 'none';
		if (!this.#key || !(await this.#right(proof, asked, this.#key))) return 'bad';
		return this.#fresh(proof) ? 'valid' : 'stale';
	}

	/** The key that a sign-in brings. */
	async #registered(asked: Asked): Promise<JsonWebKey | 'stale' | undefined> {
		const proof = asked.headers.get('Inglenook-Proof');
		if (!proof) return undefined;
		const { jwk } = header(proof);
		if (!jwk || !(await this.#right(proof, asked, jwk))) throw new Error('a sign-in with a bad proof');
		return this.#fresh(proof) ? jwk : 'stale';
	}

	async #right(proof: string, { method, path }: Asked, jwk: JsonWebKey): Promise<boolean> {
		const [head = '', payload = '', signature = ''] = proof.split('.');
		const { typ, alg } = header(proof);
		const claims = JSON.parse(text(payload)) as Record<string, unknown>;
		const expected = { htm: method, path, aud: 'instance-1', nonce: claims.nonce, ath: '' };
		if (typ !== 'inglenook-proof' || JSON.stringify(claims) !== JSON.stringify(expected)) return false;
		const [kind, verify] =
			alg === 'ES256'
				? [
						{ name: 'ECDSA', namedCurve: 'P-256' },
						{ name: 'ECDSA', hash: 'SHA-256' }
					]
				: [{ name: 'Ed25519' }, { name: 'Ed25519' }];
		const key = await crypto.subtle.importKey('jwk', jwk, kind, true, ['verify']);
		const signed = new TextEncoder().encode(`${head}.${payload}`);
		return crypto.subtle.verify(verify, key, Buffer.from(signature, 'base64url'), signed);
	}

	#fresh(proof: string): boolean {
		const { nonce } = JSON.parse(text(proof.split('.')[1] ?? '')) as { nonce: string };
		const made = this.#nonces.get(nonce);
		this.#nonces.delete(nonce);
		return made !== undefined && this.clock.now() - made <= timers.nonce;
	}
}

function header(proof: string): { typ: string; alg: string; jwk?: JsonWebKey } {
	return JSON.parse(text(proof.split('.')[0] ?? '')) as { typ: string; alg: string; jwk?: JsonWebKey };
}

function text(part: string): string {
	return Buffer.from(part, 'base64url').toString();
}
