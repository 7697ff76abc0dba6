import type { components } from '../api/gen/api';
import { problemOf, type Problem } from '../api/problem';
import type { Sender } from '../host/browser';
import { Unreached, type Of } from '../host/host';
import { answerOf } from '../host/http';
import type { DeviceKey, Keys } from './keys';
import { Nonces } from './nonces';
import type { People } from './people';
import { prove } from './proof';
import { Rotation } from './rotation';

type Schemas = components['schemas'];
type Session = Schemas['Session'];

/** Another tab may be about to get the next value: so long it is given, in milliseconds. */
const settleMs = 300;
/** An own request that takes longer has got no answer. */
const patienceMs = 30_000;
/** More answers in a row that do not serve are a circle. */
const maxTries = 8;

/** What the carrier takes from the world around it. */
export interface World {
	/** Rejects with Unreached. */
	reach(path: string, init: RequestInit): Promise<Response>;
	/** Milliseconds since 1970. */
	now(): number;
	/** Calls fn later; the returned function calls it off. */
	after(ms: number, fn: () => void): () => void;
	/** Whether the server has left its mark: without it there is no session. */
	known(): boolean;
	/** Runs fn while no other tab runs one of the same name. */
	alone<T>(name: string, fn: () => Promise<T>): Promise<T>;
	keys: Keys;
	people: People;
	/** Program and version. */
	client: string;
}

/** Who is told what the carrier learns about this tab's session. */
export interface Receiver {
	heard(session: Session): void;
	refused(problem: Problem): void;
}

/**
 * Carries requests in the name of a session whose value lies in a cookie: proves the
 * device key, has the value changed in time, and goes on after values were lost, so
 * that nobody above it notices. What it does is what `follow` does in
 * syncserver/session/machine/client_test.go.
 */
export class Carrier implements Sender {
	readonly nonces: Nonces;
	#rotation: Rotation;
	#receiver: Receiver | undefined;
	#recovering = new Map<number | undefined, Promise<Response | undefined>>();

	constructor(readonly world: World) {
		this.nonces = new Nonces(world.now);
		this.#rotation = new Rotation(world, () => this.#rotate());
	}

	tell(receiver: Receiver): void {
		this.#receiver = receiver;
	}

	follow(): () => void {
		return this.#rotation.lead();
	}

	heard(session: Session): void {
		const { people } = this.world;
		people.active ??= session.id;
		if (session.id !== people.active) return;
		this.#rotation.dueIn(session.rotatesInMs);
		// The library that signs is there when it is needed, also when the server has another version then.
		if (session.level === 1) void this.world.keys.of(session.id).catch(() => {});
		this.#receiver?.heard(session);
	}

	async send(path: string, init: RequestInit, of: Of = {}): Promise<Response> {
		const { active } = this.world.people;
		if (isOpen(path)) return this.reach(path, init, active);
		// A stranger begins with nothing, somebody signed in to show once more who they are.
		if (bare(path).startsWith('/api/auth/begin/'))
			return this.world.known() ? this.#carry(path, init, active) : this.reach(path, init);
		if (!this.world.known()) {
			const response = missing();
			this.#receiver?.refused(await problemIn(response));
			return response;
		}
		const session = of.session ?? this.world.people.active;
		const response = await this.#carry(path, init, session);
		if (response.status === 401 && of.session === undefined) {
			const problem = await problemIn(response);
			// A sign-in that failed says nothing about the session that asks for it.
			if (!problem.code.startsWith('session-')) return response;
			const { people } = this.world;
			const heir = people.heir(session, problem.code);
			if (heir !== session) {
				people.active = heir;
				return this.send(path, init);
			}
			if (session !== people.active) return response;
			this.#rotation.over();
			this.#receiver?.refused(problem);
		} else if (response.status === 200 && bare(path) === '/api/auth/session') {
			this.heard((await response.clone().json()) as Session);
		}
		return response;
	}

	/** One request as it is; notes the nonce of the answer. */
	async reach(path: string, init: RequestInit, session?: number, proof?: string): Promise<Response> {
		const headers = new Headers(init.headers);
		if (session !== undefined) headers.set('Inglenook-Session', String(session));
		if (proof !== undefined) headers.set('Inglenook-Proof', proof);
		// Networks that swallow packets say nothing for minutes, and others wait for this one.
		const signal = init.signal ?? AbortSignal.timeout(patienceMs);
		const response = await this.world.reach(path, { ...init, headers, signal });
		this.nonces.see(response.headers);
		if (session === this.world.people.active && response.headers.get('Inglenook-Session') === 'rotate-due')
			this.#rotation.due();
		return response;
	}

	/** A request repeated until it is served or nothing more can be done. */
	async #carry(path: string, init: RequestInit, session: number | undefined): Promise<Response> {
		let proof: string | undefined;
		for (let tries = 0; ; tries++) {
			const response = await this.reach(path, init, session, proof);
			if (response.ok && proof !== undefined) this.#proved(session);
			if (response.status !== 401 || tries === maxTries) return response;
			const { code } = await problemIn(response);
			// One may sleep between a refusal and the proof; more often than that the key is the wrong one.
			const provable = code === 'session-proof-required' && tries < 3;
			proof = provable ? await this.prove(path, init.method, session) : undefined;
			if (proof !== undefined) continue;
			if (!/^session-(superseded|proof-required|claim-open|denied)$/.test(code)) return response;
			const refusal = await this.#recover(session, code !== 'session-superseded');
			if (refusal) return refusal.clone();
		}
	}

	/** A proof for a request, where there are a key and a nonce. */
	async prove(path: string, method = 'GET', session?: number): Promise<string | undefined> {
		const key = await this.#key(session);
		return key && this.signed(key, path, method);
	}

	/** A proof of a given key, where there is a nonce; of a key that is new to the server its instance is named. */
	async signed(
		key: DeviceKey,
		path: string,
		htm: string,
		registerAt?: { instance: string }
	): Promise<string | undefined> {
		const nonce = this.nonces.take();
		if (nonce === undefined) return undefined;
		const aud = registerAt?.instance ?? (await this.#instance());
		return prove(key, { htm, path: bare(path), aud, nonce }, registerAt !== undefined);
	}

	async #key(session: number | undefined): Promise<DeviceKey | undefined> {
		try {
			return await this.world.keys.of(session);
		} catch (error) {
			// That it cannot be read now does not mean that it is lost.
			throw new Unreached('the device key could not be read', { cause: error });
		}
	}

	/** A proof was asked for and taken. */
	#proved(session: number | undefined): void {
		if (session !== undefined) void this.world.keys.proved(session).catch(() => {}); // the next time
	}

	async #instance(): Promise<string> {
		const { people } = this.world;
		const known = people.get(people.active)?.instance;
		if (known !== undefined) return known;
		const answer = await answerOf(await this.reach('/api/auth/methods', {}));
		return (answer.body as Schemas['Methods']).instance;
	}

	/** One recovery at a time, in all tabs: undefined when the session goes on, else the answer that ends it. */
	#recover(session: number | undefined, unproven: boolean): Promise<Response | undefined> {
		const running = this.#recovering.get(session);
		if (running) return running;
		const alone = this.world
			.alone(`inglenook recover ${session ?? ''}`, () => this.#recovered(session, unproven))
			.finally(() => this.#recovering.delete(session));
		this.#recovering.set(session, alone);
		return alone;
	}

	/** unproven: a proof was asked for, and there is none, or it was refused. */
	async #recovered(session: number | undefined, unproven: boolean): Promise<Response | undefined> {
		const { world } = this;
		await new Promise<void>((resolve) => world.after(settleMs, resolve));
		let response = await this.reach('/api/auth/session', {}, session);
		if (response.ok) return undefined; // another tab has got the next value, or its answer came after all
		let keyLost = unproven;
		for (let tries = 0; tries < maxTries; tries++) {
			const problem = await problemIn(response);
			let claimId: string | undefined;
			switch (problem.code) {
				case 'session-claim-open': {
					claimId = problem.more.claimId;
					await new Promise<void>((resolve) => world.after(problem.retryAfterMs ?? 0, resolve));
					break;
				}
				case 'session-superseded':
				case 'session-proof-required':
					break;
				case 'session-denied':
					if (keyLost) return response;
					keyLost = true;
					break;
				default:
					return response;
			}
			const path = '/api/auth/recover';
			// Only a session with a key is given something to sign.
			const bound = response.headers.has('Inglenook-Nonce');
			const key = bound ? await this.#key(session) : undefined;
			keyLost ||= bound && !key;
			const proof = key && !keyLost ? await this.signed(key, path, 'POST') : undefined;
			const body = JSON.stringify({ ...(claimId && { claimId }), ...(keyLost && { keyLost }) });
			response = await this.reach(path, { method: 'POST', headers: this.unsafe, body }, session, proof);
			if (!response.ok) continue;
			if (proof !== undefined) this.#proved(session);
			this.heard(((await response.json()) as Schemas['SignedIn']).session);
			return undefined;
		}
		return response;
	}

	/** Headers of a request that changes something. */
	get unsafe(): Record<string, string> {
		return {
			Accept: 'application/json',
			'Content-Type': 'application/json',
			'Inglenook-Client': this.world.client
		};
	}

	/** Asks for the next value. */
	async #rotate(): Promise<void> {
		const path = '/api/auth/session';
		const session = this.world.people.active;
		const proof = await this.prove(path, 'GET', session);
		const response = await this.reach(path, {}, session, proof);
		const asked = response.headers.get('Inglenook-Session') === 'rotate-due' || response.status === 401;
		const again = asked ? await this.prove(path, 'GET', session) : undefined;
		if (again === undefined && response.ok) return this.heard((await response.json()) as Session);
		await this.send(path, again === undefined ? {} : { headers: { 'Inglenook-Proof': again } });
	}
}

/** Answered without a session. */
function isOpen(path: string): boolean {
	return /^\/?api\/(auth\/(methods|login\/)|health|ready|version|openapi)/.test(path);
}

/** The path that is proven. */
function bare(path: string): string {
	return `/${path.replace(/^\/|\?.*$/g, '')}`;
}

async function problemIn(response: Response): Promise<Problem> {
	return problemOf(await answerOf(response.clone()));
}

/** What the server would answer to who has never been here. */
function missing(): Response {
	const body = JSON.stringify({ status: 401, code: 'session-missing', title: 'nobody is signed in here' });
	return new Response(body, { status: 401, headers: { 'Content-Type': 'application/problem+json' } });
}
