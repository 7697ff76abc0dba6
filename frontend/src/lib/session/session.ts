// What the screens may ask about sessions: signing in, the devices, the account,
// the household's doors. Free of any framework; main.ts passes it to App as `auth`.
import { ask } from '../api/api';
import type { components } from '../api/gen/api';
import { Problem } from '../api/problem';
import type { Host } from '../host/host';
import type { Person, Standing } from './standing';

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
	#people: readonly Person[] = [];
	#listeners = new Set<() => void>();

	constructor(private readonly host: Host) {}

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
		return this.#people;
	}

	/** The session this tab is of. */
	get current(): number | undefined {
		return this.#session?.id;
	}

	// Signing in.

	methods = () => this.#ask<Methods>('GET', '/api/auth/methods');

	/** The first step of passkey, pairing and the providers. */
	begin = (method: string, begin: Begin = {}) =>
		this.#ask<Begun>('POST', `/api/auth/begin/${part(method)}`, begin);

	/**
	 * Signs in. With add the others signed in here stay. Asks for the session once, to see
	 * whether the browser keeps it: if not, the problem's code is `cookie-refused`.
	 * A session that has no user yet makes the standing `pending`. Afterwards the page
	 * has to be told: `live.syncNow()`, or a reload where somebody else was signed in.
	 */
	async login(method: string, login: Login, { add = false } = {}): Promise<Session> {
		const body = { ...login, kind: 'browser' as const, ...(add && { add }) };
		await this.#ask<Schemas['SignedIn']>('POST', `/api/auth/login/${part(method)}`, body);
		return this.check();
	}

	/** Proves once more who one is; for ten minutes what answers `step-up-required` is allowed. */
	verify = (method: string, login: Login) =>
		this.#ask<void>('POST', `/api/auth/verify/${part(method)}`, login);

	/** Where the standing is `reverify`: binds the session to a new key. */
	async rebind(method: string, login: Login): Promise<Session> {
		await this.#ask<Schemas['SignedIn']>('POST', `/api/auth/rebind/${part(method)}`, login);
		return this.check();
	}

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

	/** Makes this tab another person's and loads the page anew. */
	// eslint-disable-next-line @typescript-eslint/no-unused-vars
	async switchTo(id: number): Promise<void> {
		location.reload();
	}

	/** Ends a session of this browser, this tab's when none is named; in the window whatever is unsent. */
	// eslint-disable-next-line @typescript-eslint/no-unused-vars
	signOut(id = this.current): Promise<void> {
		return this.host.kind === 'desktop'
			? this.#ask('POST', '/api/local/leave', { discard: true })
			: this.#ask('POST', '/api/auth/logout');
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

	/** The server has said how the session is now. */
	heard(session: Session): void {
		this.#session = session;
		this.#standing = session.pending ? { kind: 'pending', pending: session.pending } : { kind: 'in' };
		this.#changed();
	}

	/** Something was answered with 401 that could not be helped. */
	refused(problem: Problem): void {
		this.#standing = { kind: 'out', code: problem.code };
		this.#changed();
	}

	#changed(): void {
		for (const listener of this.#listeners) listener();
	}

	async #ask<T>(method: string, path: string, body?: unknown): Promise<T> {
		try {
			return await ask<T>(this.host, method, path, body);
		} catch (error) {
			if (error instanceof Problem && error.status === 401 && error.code.startsWith('session-'))
				this.refused(error);
			throw error;
		}
	}
}

const part = encodeURIComponent;
