// What the screens may ask about sessions: signing in, the devices, the account,
// the household's doors. Free of any framework; main.ts passes it to App as `auth`.
import { ask } from '../api/api';
import type { components } from '../api/gen/api';
import { Problem, problemOf } from '../api/problem';
import type { Host, Of } from '../host/host';
import { answerOf } from '../host/http';
import type { Status } from '../replica/types';
import type { Carrier } from './carrier';
import { over, type Person, type Standing } from './standing';
import type { UnsentInBrowser } from './unsent';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type Methods = Schemas['Methods'];
export type Method = Schemas['Method'];
export type Login = Schemas['Login'];
export type Begin = Schemas['Begin'];
export type Begun = Schemas['Begun'];
export type Device = Schemas['Device'];
export type Notice = Schemas['Notice'];
export type AccountMethod = Schemas['AccountMethod'];
export type Invitation = Schemas['Invitation'];
export type JoinRequest = Schemas['JoinRequest'];
export type Pairing = Schemas['Pairing'];
export type AuditPage = Schemas['AuditPage'];
export type { Person, Standing } from './standing';

/** Every method rejects with nothing but a Problem; `unreached` (status 0) when nobody answered. */
export class Auth {
	#standing: Standing = { kind: 'unknown' };
	#session: Session | undefined;
	/** The session the replica last had. */
	#followed: Session | undefined;
	/** In the window the bridge knows who is signed in. */
	#peopleInWindow: readonly (Person & { waiting: number; active: boolean })[] = [];
	/** Why nobody is signed in, as the bridge last said. */
	#toldByBridge: string | undefined;
	#listeners = new Set<() => void>();

	/** unsaved: how many writes only this page has. */
	constructor(
		private readonly host: Host,
		private readonly carrier?: Carrier,
		private readonly unsent?: UnsentInBrowser,
		private readonly unsaved: () => number = () => 0
	) {
		carrier?.tell(this);
	}

	/** Calls the listener whenever standing, session or people have changed, until the returned function is called. */
	subscribe(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	get standing(): Standing {
		return this.#standing;
	}

	/** As last heard; it may have ended since. */
	get session(): Session | undefined {
		return this.#session;
	}

	/** What the owner of the session should know, until acknowledged. */
	get notices(): readonly Notice[] {
		return this.#session?.notices ?? [];
	}

	/** Everybody signed in here, this tab's person among them. */
	get people(): readonly Person[] {
		return this.carrier?.world.people.all ?? this.#peopleInWindow;
	}

	/** The session this tab is of. */
	get current(): number | undefined {
		if (this.carrier) return this.carrier.world.people.active;
		return this.#peopleInWindow.find(({ active }) => active)?.id ?? this.#session?.id;
	}

	// Signing in.

	methods = () => this.#ask<Methods>('GET', '/api/auth/methods');

	/** The first step of passkey, pairing and the providers. */
	begin = (method: string, begin: Begin = {}) =>
		this.host.kind === 'desktop'
			? this.#ask<Begun>('POST', '/api/local/begin', { method, begin })
			: this.#ask<Begun>('POST', `/api/auth/begin/${part(method)}`, begin);

	/**
	 * Signs in. With add the others signed in here stay. Asks for the session once, to see
	 * whether the browser keeps it: if not, the problem's code is `cookie-refused`.
	 * A session that has no user yet makes the standing `pending`. Afterwards the page
	 * has to be told: `live.syncNow()`, or a reload where somebody else was signed in.
	 */
	login(method: string, login: Login, { add = false } = {}): Promise<Session> {
		return this.#sign('login', method, { ...login, ...(add && { add }) });
	}

	/** Proves once more who one is; for ten minutes what answers `step-up-required` is allowed. */
	verify = (method: string, login: Login) =>
		this.#ask<void>('POST', `/api/auth/verify/${part(method)}`, login);

	/** Where the standing is `reverify`: binds the session to a new key. */
	rebind = (method: string, login: Login): Promise<Session> => this.#sign('rebind', method, login);

	/** Asks how the session stands; a pending one gets its user when an admin has said yes. */
	async check(): Promise<Session> {
		const session = await this.#ask<Session>('GET', '/api/auth/session');
		this.heard(session);
		return session;
	}

	/** Makes the account of a pending session: at once with an invitation, else an admin is asked. */
	async register(name: string, invitation?: string): Promise<Session> {
		const account = { name, ...(invitation && { invitation }) };
		const session = await this.#ask<Session>('POST', '/api/auth/account', account);
		this.heard(session);
		return session;
	}

	// Several people.

	/**
	 * Makes this tab another person's and loads the page anew. Rejects with `unsent` while there
	 * are writes that only this page has; `live.abandon()` lets go of them.
	 */
	async switchTo(id: number): Promise<void> {
		if (this.unsaved() > 0) throw new Problem(0, 'unsent', 'something is neither sent nor kept');
		if (this.carrier) this.carrier.world.people.active = id;
		else await this.#ask('POST', '/api/local/people', { id });
		location.reload();
	}

	/** In the window: asks the bridge again who is signed in. */
	async readPeople(): Promise<void> {
		if (this.host.kind !== 'desktop') return;
		const { people } = await this.#ask<PeopleInWindow>('GET', '/api/local/people');
		this.#peopleInWindow = people.map(({ id, user, waiting, active }) => ({
			id,
			instance: '',
			userId: user.id ?? 0,
			name: user.name,
			color: user.color ?? '',
			...(user.avatar && { avatar: user.avatar }),
			level: 0,
			waiting,
			active
		}));
		this.#changed();
	}

	/** How many writes of somebody signed in here wait on this device; they are lost when that one signs out. */
	async unsentOf(id: number): Promise<number> {
		if (!this.carrier) return this.#peopleInWindow.find((one) => one.id === id)?.waiting ?? 0;
		const person = this.carrier.world.people.get(id);
		if (!person) return 0;
		return (await this.unsent?.count(ownerOf(person)).catch(() => 0)) ?? 0;
	}

	/**
	 * Ends a session of this browser, this tab's when none is named; in the window whatever
	 * is unsent. This tab then is the next person's who is signed in here: load the page anew.
	 */
	async signOut(id = this.current): Promise<void> {
		if (!this.carrier) {
			const desktop = this.host.kind === 'desktop';
			return this.#ask(
				'POST',
				desktop ? '/api/local/leave' : '/api/auth/logout',
				desktop ? { discard: true } : {}
			);
		}
		try {
			await this.#ask('POST', '/api/auth/logout', {}, id === undefined ? undefined : { session: id });
		} catch (error) {
			// One that is over is signed out.
			if (!(error instanceof Problem) || !over.test(error.code)) throw error;
		}
		if (id !== undefined) await this.#forget(this.carrier, id);
	}

	// Devices and notices.

	devices = () => this.#ask<Device[]>('GET', '/api/auth/sessions');
	rename = (id: number, device: string) => this.#ask<void>('PATCH', `/api/auth/sessions/${id}`, { device });
	/** Step-up. */
	end = (id: number) => this.#ask<void>('DELETE', `/api/auth/sessions/${id}`);
	/** Step-up. */
	endOthers = () => this.#ask<void>('DELETE', '/api/auth/sessions');
	acknowledge = (notice: number) => this.#ask<void>('DELETE', `/api/auth/session/notices/${notice}`);

	// The account. Whatever changes it but register needs a step-up.

	account = () => this.#ask<Schemas['Entity']>('GET', '/api/auth/account');
	/** No step-up with the old one. */
	changePassword = (patch: Schemas['AccountPatch']) => this.#ask<void>('PATCH', '/api/auth/account', patch);
	leaveHousehold = () => this.#ask<void>('DELETE', '/api/auth/account');
	accountMethods = () => this.#ask<AccountMethod[]>('GET', '/api/auth/account/methods');
	addMethod = (method: string, login: Login) =>
		this.#ask<AccountMethod>('POST', `/api/auth/account/methods/${part(method)}`, login);
	/** Never the last: `last-method`. */
	removeMethod = (id: string) => this.#ask<void>('DELETE', `/api/auth/account/methods/${part(id)}`);
	/** Ten, told once; earlier ones are void. */
	recoveryCodes = async () =>
		(await this.#ask<Schemas['RecoveryCodes']>('POST', '/api/auth/account/recovery')).codes;
	/** A session for a script; its value is told once. */
	newToken = (name: string) => this.#ask<Schemas['SignedIn']>('POST', '/api/auth/tokens', { name });

	// Letting in.

	pairing = (code: string) => this.#ask<Pairing>('GET', `/api/auth/pair?code=${part(code)}`);
	approvePairing = (code: string) => this.#ask<void>('POST', '/api/auth/pair', { code });
	refusePairing = (code: string) => this.#ask<void>('DELETE', `/api/auth/pair?code=${part(code)}`);

	invitations = () => this.#ask<Invitation[]>('GET', '/api/auth/invitations');
	/** Step-up. Only this answer has the code. */
	invite = (invitation: Schemas['NewInvitation']) =>
		this.#ask<Invitation>('POST', '/api/auth/invitations', invitation);
	takeBackInvitation = (id: string) => this.#ask<void>('DELETE', `/api/auth/invitations/${part(id)}`);

	joinRequests = () => this.#ask<JoinRequest[]>('GET', '/api/auth/requests');
	/** Step-up. */
	admit = (id: number, admission: Schemas['Admission']) =>
		this.#ask<void>('POST', `/api/auth/requests/${id}`, admission);
	refuse = (id: number) => this.#ask<void>('DELETE', `/api/auth/requests/${id}`);

	/** Newest first; next of a page is the before of the one behind it. */
	audit(before?: number, limit = 100): Promise<AuditPage> {
		const behind = before === undefined ? '' : `&before=${before}`;
		return this.#ask('GET', `/api/auth/audit?limit=${limit}${behind}`);
	}

	// What the page hears.

	/** The replica has news: the session as its stream says it, or, in the window, how the bridge stands. */
	follow({ session, status }: { session: Session | undefined; status: Status }): void {
		const out = status.state === 'sign-in' || status.state === 'none';
		if (!this.carrier && out) {
			const refusal = inWindow(status);
			// Told once: the screens have been asked since, and may know better.
			if (refusal.code !== this.#toldByBridge) this.refused(refusal);
			this.#toldByBridge = refusal.code;
		} else if (out && this.#standing.kind === 'unknown') {
			// Refused without being signed out: the session may have no user yet.
			void this.check().catch(() => {}); // whatever it is, the standing says it
		} else if (!out) {
			this.#toldByBridge = undefined;
			if (session && session !== this.#followed) this.heard((this.#followed = session));
		}
	}

	/** The server has said how the session is now. */
	heard(session: Session): void {
		this.#session = session;
		this.#standing = session.pending ? { kind: 'pending', pending: session.pending } : { kind: 'in' };
		this.carrier?.world.people.put(personOf(session));
		this.#changed();
	}

	/** Something was answered with 401 that could not be helped. */
	refused({ code, more }: Problem): void {
		const { at, network, reason } = more;
		const id = this.carrier?.world.people.active;
		if (id !== undefined && over.test(code)) this.carrier?.world.people.remove(id);
		if (code === 'session-reverify') this.#standing = { kind: 'reverify' };
		else if (code === 'session-taken')
			this.#standing = { kind: 'taken', ...(at && { at }), ...(network && { network }) };
		else this.#standing = { kind: 'out', code, ...(reason && { reason }) };
		this.#changed();
	}

	/** Another tab has changed who is signed in here. */
	peopleChanged(): void {
		this.#changed();
	}

	#changed(): void {
		for (const listener of this.#listeners) listener();
	}

	async #sign(step: 'login' | 'rebind', method: string, login: Login): Promise<Session> {
		const path = `/api/auth/${step}/${part(method)}`;
		if (this.host.kind === 'desktop') {
			const { server = '' } = await this.#ask<Schemas['Status']>('GET', '/api/local/status');
			await this.#ask('POST', '/api/local/join', { url: server, method, login });
		} else if (this.carrier) {
			await this.#carried(this.carrier, path, login);
		} else {
			await this.#ask('POST', path, login);
		}
		try {
			return await this.check();
		} catch (error) {
			if (!(error instanceof Problem) || error.code !== 'session-missing') throw error;
			throw new Problem(401, 'cookie-refused', 'the browser does not keep the session');
		}
	}

	async #carried(carrier: Carrier, path: string, login: Login): Promise<void> {
		let response: Response;
		try {
			const { signIn } = await import('./signing');
			response = await signIn(carrier, path, login);
		} catch (error) {
			const message = error instanceof Error ? error.message : String(error);
			throw new Problem(0, 'unreached', message);
		}
		if (!response.ok) throw problemOf(await answerOf(response));
	}

	async #forget({ world: { people, keys } }: Carrier, id: number): Promise<void> {
		const person = people.get(id);
		people.remove(id);
		if (person && !people.all.some((other) => ownerOf(other) === ownerOf(person)))
			await this.unsent?.forget(ownerOf(person)).catch(() => {}); // as hidden as if it were gone
		if (people.active === id) people.active = people.all.at(-1)?.id;
		await keys.drop(id).catch(() => {}); // without its session it is of no use to anybody
		this.#changed();
	}

	#ask<T>(method: string, path: string, body?: unknown, of?: Of): Promise<T> {
		return ask<T>(this.host, method, path, body, of);
	}
}

/** The bridge's answer to who is signed in. */
interface PeopleInWindow {
	people: {
		id: number;
		user: { id?: number; name: string; color?: string; avatar?: string };
		waiting: number;
		active: boolean;
	}[];
}

/** Why the window's person has to sign in. */
function inWindow(status: Status & { reason?: string; at?: string; network?: string }): Problem {
	const { reason = 'session-missing', at, network } = status;
	const more = { ...(at && { at }), ...(network && { network }) };
	return new Problem(401, reason, 'nobody is signed in', undefined, undefined, more);
}

/** As the replica names whom unsent writes are of. */
function ownerOf({ instance, userId }: Person): string {
	return `${instance} ${userId}`;
}

function personOf({ id, instance, user, pending, level }: Session): Person {
	const { name, color, avatar } = (user ?? {}) as Partial<Person>;
	return {
		id,
		instance: instance.id,
		userId: user?.id ?? 0,
		name: name ?? pending?.displayName ?? '',
		color: color ?? '',
		...(avatar && { avatar }),
		level
	};
}

const part = encodeURIComponent;
