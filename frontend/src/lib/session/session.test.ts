import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BrowserHost } from '../host/browser';
import { MemoryHost } from '../host/memory/host';
import { MemoryServer } from '../host/memory/server';
import { Auth, type Session } from './session';
import { Browser, type Tab } from './testing/browser';
import { Clock } from './testing/clock';
import { Server } from './testing/server';
import { UnsentInBrowser } from './unsent';

const reload = vi.fn();

beforeEach(() => {
	vi.stubGlobal('navigator', { userAgent: 'Firefox' });
	vi.stubGlobal('location', { reload });
	reload.mockClear();
});
afterEach(() => vi.unstubAllGlobals());

const login = { name: 'Anna', password: 'x' };

function page({ unsaved = 0 } = {}) {
	const clock = new Clock();
	const server = new Server(clock);
	const browser = new Browser(server, clock);
	const tab = browser.tab();
	return { clock, server, browser, tab, ...authOf(tab, unsaved) };
}

function authOf(tab: Tab, unsaved = 0) {
	const unsent = new UnsentInBrowser(tab.browser.shelf);
	const host = new BrowserHost('web/test', tab.carrier);
	const auth = new Auth(host, tab.carrier, unsent, () => unsaved);
	return { auth, unsent };
}

const write = { epoch: 1, refusals: [], outbox: { replica: 9, batches: 1, writes: [{} as never] } };

test('a sign-in makes somebody be here, and is asked for once', async () => {
	const { auth, server } = page();
	const told = vi.fn();
	auth.subscribe(told);
	expect(auth.standing).toEqual({ kind: 'unknown' });
	const session = await auth.login('password', login);
	expect([session.id, auth.current, auth.standing.kind]).toEqual([7, 7, 'in']);
	expect(auth.people).toEqual([
		{ id: 7, instance: 'instance-1', userId: 1, name: 'Anna', color: 'coral', level: 2 }
	]);
	expect(told).toHaveBeenCalled();
	const bodies = server.asked.filter(({ path }) => path.includes('login')).map(({ body }) => body);
	expect(bodies).toMatchObject([{ ...login, kind: 'browser', level: 2 }]);
});

test('a browser that refuses the cookie is told so', async () => {
	const { auth, browser } = page();
	Object.defineProperty(browser, 'jar', { get: () => undefined, set: () => {} });
	await expect(auth.login('password', login)).rejects.toMatchObject({ code: 'cookie-refused' });
});

test('what the server says of a session is how the tab stands', async () => {
	const { auth, server } = page();
	await auth.login('password', login);
	for (const [ended, standing] of [
		['session-expired', { kind: 'out', code: 'session-expired' }],
		['session-taken', { kind: 'taken' }],
		['session-reverify', { kind: 'reverify' }]
	] as const) {
		server.ended = ended;
		await expect(auth.devices()).rejects.toMatchObject({ code: ended });
		expect(auth.standing).toEqual(standing);
	}
	server.ended = '';
	await auth.check();
	expect(auth.standing).toEqual({ kind: 'in' });
});

test('somebody without an account waits', async () => {
	const { auth } = page();
	await auth.login('password', login);
	const pending = { method: 'oidc', displayName: 'Carla', requested: true, expiresInMs: 9 };
	auth.heard({ ...auth.session!, user: undefined, pending } as unknown as Session);
	expect(auth.standing).toEqual({ kind: 'pending', pending });
	expect(auth.people[0]).toMatchObject({ userId: 0, name: 'Carla' });
});

test('signing out forgets the person, the key and what was unsent, and the next one is here', async () => {
	const { auth, tab, unsent, server, browser } = page();
	await auth.login('password', login);
	const { people, keys } = tab.carrier.world;
	people.put({ id: 3, instance: 'instance-1', userId: 2, name: 'Ben', color: '', level: 0 });
	await (await browser.shelf)?.put('outboxes', ['instance-1 1', 5], write);
	await (await browser.shelf)?.put('outboxes', ['instance-1 2', 6], write);
	expect(await auth.unsentOf(7)).toBe(1);
	await auth.signOut();
	expect(server.ended).toBe('session-ended');
	expect(auth.people.map(({ name }) => name)).toEqual(['Ben']);
	expect(auth.current).toBe(3);
	expect(await keys.of(7)).toBeUndefined();
	expect([await unsent.count('instance-1 1'), await unsent.count('instance-1 2')]).toEqual([0, 1]);
});

test('one that is over already is signed out', async () => {
	const { auth, server } = page();
	await auth.login('password', login);
	server.ended = 'session-expired';
	await auth.signOut();
	expect(auth.people).toEqual([]);
});

test('signing out without a network is not signing out', async () => {
	const { auth, browser } = page();
	await auth.login('password', login);
	browser.fates.push('request');
	await expect(auth.signOut()).rejects.toMatchObject({ code: 'unreached' });
	expect(auth.people).toHaveLength(1);
});

test('somebody else is switched to, unless something would be lost', async () => {
	const { auth, tab, browser } = page();
	await auth.login('password', login);
	const { people } = tab.carrier.world;
	people.put({ id: 3, instance: 'instance-1', userId: 2, name: 'Ben', color: '', level: 0 });
	await expect(authOf(tab, 1).auth.switchTo(3)).rejects.toMatchObject({ code: 'unsent' });
	expect([auth.current, reload.mock.calls.length]).toEqual([7, 0]);
	const other = authOf(browser.tab()).auth;
	await auth.switchTo(3);
	expect([auth.current, reload.mock.calls.length]).toEqual([3, 1]);
	expect(other.current).toBe(7); // every tab is somebody of its own
});

test('adding somebody keeps who is here, and signing in instead does not', async () => {
	const { auth, server } = page();
	await auth.login('password', login);
	server.id = 8;
	await auth.login('password', login, { add: true });
	expect(auth.people.map(({ id }) => id)).toEqual([7, 8]);
	server.id = 9;
	await auth.login('password', login);
	expect(auth.people.map(({ id }) => id)).toEqual([7, 9]);
});

test('a household in memory is signed in to without keys', async () => {
	const server = new MemoryServer();
	const entity = { id: 1, updatedAt: '2026-11-21T08:00:00.000Z', name: 'Anna' };
	server.push(
		{ replica: 1, seq: 1, replacements: [{ kind: 'user', entity, base: 0 }] },
		{ userId: 1, sessionId: 1 }
	);
	const auth = new Auth(new MemoryHost(server, 0, 1));
	expect((await auth.login('demo', { name: 'Anna' })).user).toMatchObject({ name: 'Anna' });
	expect(auth.standing.kind).toBe('in');
	await auth.signOut();
	await expect(auth.check()).rejects.toMatchObject({ code: 'session-missing' });
});
