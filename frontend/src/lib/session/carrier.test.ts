import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Browser, type Tab } from './testing/browser';
import { Clock } from './testing/clock';
import { Server, timers } from './testing/server';
import { Unreached } from '../host/host';
import { Nonces } from './nonces';
import { signIn } from './signing';

beforeEach(() => vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' }));
afterEach(() => vi.unstubAllGlobals());

const minute = 60_000;

/** A browser whose first tab has signed in and leads. */
async function signedIn({ keeps = true } = {}) {
	const clock = new Clock();
	const server = new Server(clock);
	const browser = new Browser(server, clock, keeps);
	const tab = browser.tab();
	const response = await signIn(tab.carrier, '/api/auth/login/password', { name: 'Anna', password: 'x' });
	expect(response.status).toBe(200);
	tab.carrier.follow();
	await clock.pass(0);
	expect(await tab.write()).toBe(200);
	browser.flush();
	server.asked.length = 0;
	return { clock, server, browser, tab };
}

/** Waits for what needs time to pass. */
async function timed<T>(clock: Clock, ms: number, doing: Promise<T>): Promise<T> {
	await clock.pass(ms);
	return doing;
}

const paths = (server: Server) => server.asked.map(({ method, path }) => `${method} ${path}`);
const writes = (server: Server) => paths(server).filter((path) => path.endsWith('replacements')).length;
const signOuts = (tab: Tab) => tab.refused.map(({ code }) => code);

test('a stranger asks nothing', async () => {
	const clock = new Clock();
	const server = new Server(clock);
	const tab = new Browser(server, clock).tab();
	tab.carrier.follow();
	expect(await tab.status('/api/last-event-id')).toBe(401);
	expect(await tab.status('/api/event')).toBe(401);
	await clock.pass(60 * minute);
	expect(server.asked).toEqual([]);
	expect(signOuts(tab)).toEqual(['session-missing', 'session-missing']);
});

test('a sign-in registers a key that nothing can read, and every request names its session', async () => {
	const { server, tab, browser } = await signedIn();
	expect(server.bound).toBe(true);
	const key = await (await browser.shelf)?.get<{ secret: CryptoKey }>('keys', server.id);
	expect(key?.secret.extractable).toBe(false);
	expect((await (await browser.shelf)?.all('keys'))?.map(([name]) => name)).toEqual([server.id]);
	await tab.write();
	expect(server.asked[0]?.headers.get('Inglenook-Session')).toBe('7');
	expect(server.asked[0]?.headers.has('Inglenook-Proof')).toBe(false);
});

test('a page over plain http has a key in software', async () => {
	const { subtle } = crypto;
	const plain = { getRandomValues: crypto.getRandomValues.bind(crypto) };
	const clock = new Clock();
	const server = new Server(clock);
	const answer = server.answer.bind(server);
	server.answer = async (asked) => {
		vi.stubGlobal('crypto', { subtle }); // the server has one
		const told = await answer(asked);
		vi.stubGlobal('crypto', plain);
		return told;
	};
	const tab = new Browser(server, clock).tab();
	vi.stubGlobal('crypto', plain);
	await signIn(tab.carrier, '/api/auth/login/password', {});
	expect(server.bound).toBe(true);
	clock.sleep(timers.rotation + timers.grace);
	expect(await tab.write()).toBe(200);
	expect(server.head.number).toBe(2);
	expect(server.refusals).toEqual(['session-proof-required']);
});

test('without a place for a key there is none', async () => {
	const { server, tab, clock } = await signedIn({ keeps: false });
	expect(server.bound).toBe(false);
	await clock.pass(60 * minute);
	expect(server.head.number).toBeGreaterThan(5);
	expect(signOuts(tab)).toEqual([]);
});

test('an open page has its value changed in time, and only the tab that leads asks for it', async () => {
	const { clock, server, browser, tab } = await signedIn();
	const second = browser.tab();
	expect(await second.status('/api/auth/session')).toBe(200);
	server.asked.length = 0;
	await clock.pass(60 * minute);
	expect(server.head.number).toBe(7);
	expect(server.refusals).toEqual([]);
	// Each time once without a nonce, as the last is too old, and once with the one that brings.
	expect(paths(server).every((path) => path === 'GET /api/auth/session')).toBe(true);
	expect(server.asked.length).toBeLessThanOrEqual(12);
	expect([...signOuts(tab), ...signOuts(second)]).toEqual([]);
});

test('a page that slept proves itself when it is asked to, and nothing is sent twice', async () => {
	const { clock, server, tab } = await signedIn();
	for (let night = 0; night < 3; night++) {
		clock.sleep(8 * 60 * minute);
		expect(await tab.write()).toBe(200);
		await clock.pass(0);
	}
	expect(new Set(server.refusals)).toEqual(new Set(['session-proof-required']));
	expect(writes(server)).toBe(6); // each refused once, and served once
	expect(signOuts(tab)).toEqual([]);
});

test('a page that sleeps between the refusal and its proof is asked once more', async () => {
	const { clock, server, browser, tab } = await signedIn();
	clock.sleep(60 * minute);
	const { reach } = browser;
	let slept = false;
	browser.reach = async (path, init) => {
		if (new Headers(init.headers).has('Inglenook-Proof') && !slept) {
			slept = true;
			clock.sleep(2 * minute);
		}
		return reach.call(browser, path, init);
	};
	expect(await tab.write()).toBe(200);
	expect(server.refusals).toEqual(['session-proof-required', 'session-proof-required']);
});

for (const keeps of [true, false]) {
	const kind = keeps ? 'with a key' : 'without a key';

	test(`${kind}: a lost answer with the next value is made good`, async () => {
		const { clock, server, browser, tab } = await signedIn({ keeps });
		clock.sleep(timers.rotation + timers.grace + 1);
		browser.fates.push(...(keeps ? [undefined] : []), 'answer');
		expect(await tab.write()).toBe(0);
		expect(server.head.number).toBe(2);
		expect(browser.jar).toBe(1);
		clock.sleep(minute);
		expect(await timed(clock, minute, tab.write())).toBe(200);
		expect(browser.jar).toBe(server.head.number);
		expect(signOuts(tab)).toEqual([]);
	});

	test(`${kind}: a crash that takes the jar back is made good`, async () => {
		const { clock, server, browser, tab } = await signedIn({ keeps });
		clock.sleep(timers.rotation + 1);
		await clock.pass(0); // the next value
		expect(browser.jar).toBe(2);
		expect(await tab.write()).toBe(200);
		const again = browser.crash();
		expect(browser.jar).toBe(1);
		clock.sleep(20_000);
		expect(await timed(clock, minute, again.write())).toBe(200);
		expect(server.refusals[0]).toBe('session-superseded');
		expect(browser.jar).toBe(server.head.number);
		expect(signOuts(again)).toEqual([]);
	});

	test(`${kind}: tabs that fall behind together recover once`, async () => {
		const { clock, server, browser, tab } = await signedIn({ keeps });
		clock.sleep(timers.rotation + 1);
		await clock.pass(0);
		expect(await tab.write()).toBe(200);
		const tabs = [browser.crash(), browser.tab(), browser.tab()];
		clock.sleep(20_000);
		server.asked.length = 0;
		const all = Promise.all(tabs.flatMap((tab) => [tab.write(), tab.write()]));
		expect(await timed(clock, 2 * minute, all)).toEqual(Array(6).fill(200));
		const recoveries = server.asked.filter(({ path }) => path === '/api/auth/recover');
		expect(recoveries.filter(({ body }) => body.claimId === undefined).length).toBeLessThanOrEqual(1);
		expect(recoveries.length).toBeLessThanOrEqual(keeps ? 1 : 2);
		// Each tab looks once whether another has recovered.
		expect(paths(server).filter((path) => path === 'GET /api/auth/session')).toHaveLength(3);
		expect(writes(server)).toBe(12); // each refused once, and served once
		expect(tabs.flatMap(signOuts)).toEqual([]);
	});

	test(`${kind}: whatever is lost, the session goes on`, async () => {
		const { clock, server, browser, tab } = await signedIn({ keeps });
		let seed = 42;
		const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
		for (let day = 0; day < 200; day++) {
			await clock.pass(random() * 20 * minute);
			browser.flush();
			if (random() < 0.3) clock.sleep(random() * 600 * minute);
			for (let i = 0; i < 4; i++) {
				const fate = random();
				browser.fates.push(fate < 0.15 ? 'request' : fate < 0.4 ? 'answer' : undefined);
			}
			const status = await timed(clock, minute, tab.write());
			expect([0, 200]).toContain(status);
		}
		browser.fates.length = 0;
		expect(await timed(clock, minute, tab.write())).toBe(200);
		expect(server.head.number).toBeGreaterThan(100);
		expect(signOuts(tab)).toEqual([]);
	});
}

test('a claim is come back with when its time has come, and not before', async () => {
	const { clock, server, browser } = await signedIn({ keeps: false });
	clock.sleep(timers.rotation + 1);
	await clock.pass(0);
	const tab = browser.crash();
	const other = new Browser(server, clock, false);
	other.jar = 2;
	await other.tab().write(); // the head is used: it is not handed out again
	clock.sleep(30_000);
	server.asked.length = 0;
	const writing = tab.write();
	await clock.pass(10_000);
	expect(server.asked.filter(({ path }) => path === '/api/auth/recover').length).toBe(1);
	expect(await timed(clock, 10_000, writing)).toBe(200);
	expect(server.asked.filter(({ path }) => path === '/api/auth/recover').map(({ body }) => body)).toEqual([
		{},
		{ claimId: '2' }
	]);
});

test('a session that somebody else has used is told to be taken', async () => {
	const { clock, server, browser } = await signedIn({ keeps: false });
	clock.sleep(timers.rotation + 1);
	await clock.pass(0);
	const thief = new Browser(server, clock, false);
	thief.jar = 2;
	const theirs = thief.tab();
	await theirs.write();
	clock.sleep(5 * minute);
	await theirs.write();
	const tab = browser.crash();
	tab.carrier.follow();
	expect(await timed(clock, minute, tab.write())).toBe(401);
	expect(tab.refused.at(-1)).toMatchObject({ code: 'session-taken', more: { network: '203.0.113.0/24' } });
	server.asked.length = 0;
	await clock.pass(60 * minute);
	expect(server.asked).toEqual([]);
});

test('a lost key asks for one sign-in, and the session is the same after it', async () => {
	const { clock, server, browser, tab } = await signedIn();
	await (await browser.shelf)?.drop('keys', server.id);
	clock.sleep(60 * minute);
	expect(await timed(clock, minute, tab.write())).toBe(401);
	expect(new Set(signOuts(tab))).toEqual(new Set(['session-reverify']));
	// Without the key nothing was tried that would count against the session.
	expect(server.refusals).not.toContain('session-denied');
	const login = { name: 'Anna', password: 'x' };
	expect((await signIn(tab.carrier, '/api/auth/rebind/password', login)).status).toBe(200);
	clock.sleep(60 * minute);
	expect(await tab.write()).toBe(200);
});

test('a key of another session is found to be none', async () => {
	const { clock, server, browser, tab } = await signedIn();
	const foreign = await signedIn();
	const kept = await (await foreign.browser.shelf)?.get('keys', 7);
	await (await browser.shelf)?.put('keys', 7, kept);
	clock.sleep(60 * minute);
	expect(await timed(clock, minute, tab.write())).toBe(401);
	expect(new Set(signOuts(tab))).toEqual(new Set(['session-reverify']));
	expect(server.ended).toBe('');
});

test('that the key cannot be read does not mean that it is lost', async () => {
	const { clock, tab, server } = await signedIn();
	clock.sleep(60 * minute);
	const { of } = tab.carrier.world.keys;
	tab.carrier.world.keys.of = () => Promise.reject(new Error('the disk is busy'));
	expect(await timed(clock, minute, tab.write())).toBe(0);
	tab.carrier.world.keys.of = of;
	expect(await timed(clock, minute, tab.write())).toBe(200);
	expect(server.refusals).not.toContain('session-reverify');
	expect(signOuts(tab)).toEqual([]);
});

test('a server restored from a backup takes the session up again', async () => {
	const { clock, server, tab } = await signedIn();
	await clock.pass(25 * minute);
	expect(server.head.number).toBe(3);
	server.forget(1);
	expect(await tab.write()).toBe(200);
	expect(server.head.number).toBe(3);
	expect(signOuts(tab)).toEqual([]);
});

test('a sign-out proves the key', async () => {
	const { server, tab } = await signedIn();
	expect((await tab.carrier.send('/api/auth/logout', { method: 'POST', body: '{}' })).status).toBe(204);
	expect(server.ended).toBe('session-ended');
});

test('what has ended is told and not tried again', async () => {
	const { clock, server, tab } = await signedIn();
	server.ended = 'session-expired';
	expect(await tab.write()).toBe(401);
	expect(signOuts(tab)).toEqual(['session-expired']);
	expect(paths(server)).toEqual(['POST /api/replacements']);
	await clock.pass(30 * minute);
	expect(paths(server)).toEqual(['POST /api/replacements']);
});

test('a tab whose session has ended goes on with the one its person begins in another tab', async () => {
	const { server, browser, tab } = await signedIn();
	const other = browser.tab();
	expect(await other.status('/api/auth/session')).toBe(200);
	server.ended = 'session-expired';
	expect(await other.write()).toBe(401);
	server.id = 8;
	server.ended = '';
	await signIn(tab.carrier, '/api/auth/login/password', {});
	server.asked.length = 0;
	expect(await other.write()).toBe(200);
	expect(server.asked.map(({ headers }) => headers.get('Inglenook-Session'))).toEqual(['7', '8']);
});

test('a tab does not become somebody else who signs in in another', async () => {
	const { clock, server, browser, tab } = await signedIn();
	const other = browser.tab();
	expect(await other.status('/api/auth/session')).toBe(200);
	server.id = 8;
	server.userId = 2;
	await signIn(tab.carrier, '/api/auth/login/password', {});
	server.asked.length = 0;
	expect(await other.write()).toBe(401);
	expect(signOuts(other)).toEqual(['session-expired']);
	expect(other.carrier.world.people.active).toBe(7);
	await clock.pass(minute);
	expect(writes(server)).toBe(1);
});

test('a key that is lost together with an answer is said to be lost, and not guessed at', async () => {
	const { clock, server, browser, tab } = await signedIn();
	clock.sleep(timers.rotation + 1);
	await clock.pass(0);
	await tab.write();
	const again = browser.crash();
	await (await browser.shelf)?.drop('keys', server.id);
	clock.sleep(20_000);
	expect(await timed(clock, minute, again.write())).toBe(401);
	expect(signOuts(again)).toEqual(['session-reverify']);
	expect(server.refusals).not.toContain('session-denied');
});

/** A browser that was given its cookie, and whose page never got the answer to its sign-in. */
async function halfSignedIn() {
	const clock = new Clock();
	const server = new Server(clock);
	const browser = new Browser(server, clock);
	const { reach } = browser;
	browser.reach = async (path, init) => {
		const response = await reach.call(browser, path, init);
		if (path.includes('/login/')) throw new Unreached('lost');
		return response;
	};
	const login = { name: 'Anna', password: 'x' };
	await expect(signIn(browser.tab().carrier, '/api/auth/login/password', login)).rejects.toThrow('lost');
	browser.reach = reach;
	expect(browser.jar).toBe(1);
	const names = async () => (await (await browser.shelf)?.all('keys'))?.map(([name]) => name);
	return { clock, server, browser, names, login };
}

test('a sign-in whose answer is lost has its key all the same', async () => {
	const { clock, server, browser, names } = await halfSignedIn();
	const tab = browser.tab();
	expect(await tab.status('/api/auth/session')).toBe(200);
	clock.sleep(timers.rotation + timers.grace);
	expect(await timed(clock, minute, tab.write())).toBe(200);
	expect(server.refusals).toEqual(['session-proof-required']);
	expect(signOuts(tab)).toEqual([]);
	await clock.settle();
	expect(await names()).toEqual([7]); // from now on it is this session's and no other's
	expect(await tab.carrier.world.keys.of(8)).toBeUndefined();
});

test('a lost sign-in can be recovered too', async () => {
	const { clock, server, browser, names } = await halfSignedIn();
	const tab = browser.tab();
	tab.carrier.follow();
	expect(await tab.status('/api/auth/session')).toBe(200);
	browser.flush();
	clock.sleep(timers.rotation + timers.grace);
	browser.fates.push(undefined, 'answer');
	expect(await timed(clock, 0, tab.write())).toBe(0);
	const again = browser.crash();
	clock.sleep(minute);
	expect(await timed(clock, minute, again.write())).toBe(200);
	expect(server.refusals).not.toContain('session-denied');
	await clock.settle();
	expect(await names()).toEqual([7]);
});

/** Answers sign-ins as with a wrong password. */
function refuseSignIns(server: Server): () => void {
	const { answer } = server;
	server.answer = (asked) =>
		asked.path.includes('/login/')
			? Promise.resolve({ status: 401, body: { status: 401, code: 'sign-in-failed', title: '' } })
			: answer.call(server, asked);
	return () => (server.answer = answer);
}

test('a sign-in that fails after a lost one leaves that one its key', async () => {
	const { clock, server, browser, names, login } = await halfSignedIn();
	const tab = browser.tab();
	const allow = refuseSignIns(server);
	expect((await signIn(tab.carrier, '/api/auth/login/password', login)).status).toBe(401);
	allow();
	expect(await tab.status('/api/auth/session')).toBe(200);
	clock.sleep(timers.rotation + timers.grace);
	expect(await timed(clock, minute, tab.write())).toBe(200);
	await clock.settle();
	expect(await names()).toEqual([7]);
});

test('a sign-in that fails takes no key from who is signed in', async () => {
	const { clock, server, tab } = await signedIn();
	const allow = refuseSignIns(server);
	await signIn(tab.carrier, '/api/auth/login/password', { name: 'Ben', password: 'wrong' });
	allow();
	for (let hour = 0; hour < 3; hour++) {
		clock.sleep(60 * minute);
		expect(await timed(clock, minute, tab.write())).toBe(200);
		await clock.settle();
	}
	expect(new Set(server.refusals)).toEqual(new Set(['session-proof-required']));
});

/** Ben signs in where Anna is: hers is another server, as it has a key of its own. */
async function instead({ reached = true, refused = '' } = {}) {
	const { clock, server: annas, browser, tab } = await signedIn();
	expect(await tab.status('/api/auth/session')).toBe(200); // her page knows who she is
	annas.ended = refused;
	const bens = new Server(clock);
	bens.id = 8;
	bens.userId = 2;
	const his = new Browser(bens, clock);
	const reach = browser.reach.bind(browser);
	browser.reach = (path, init) => {
		const hers = new Headers(init.headers).get('Inglenook-Session') === '7' && !path.includes('/login/');
		if (hers && !reached) return Promise.reject(new Unreached('lost'));
		return hers ? reach(path, init) : his.reach(path, init);
	};
	const login = { name: 'Ben', password: 'x' };
	expect((await signIn(tab.carrier, '/api/auth/login/password', login)).status).toBe(200);
	const { people, keys } = tab.carrier.world;
	expect(people.active).toBe(8);
	return { annas, here: people.all.map(({ id }) => id), hers: await keys.of(7) };
}

test('who signs in instead of somebody signs them out, with their key', async () => {
	const { annas, here, hers } = await instead();
	expect(annas.ended).toBe('session-ended');
	expect(here).toEqual([8]);
	expect(hers).toBeUndefined();
});

test('who could not be signed out stays, with their key', async () => {
	for (const how of [{ reached: false }, { refused: 'session-reverify' }]) {
		const { here, hers } = await instead(how);
		expect(here).toEqual([7, 8]);
		expect(hers).toBeDefined();
	}
});

test('who has ended already is gone', async () => {
	const { here, hers } = await instead({ refused: 'session-expired' });
	expect(here).toEqual([8]);
	expect(hers).toBeUndefined();
});

test('a nonce is good once, and for less than a minute', () => {
	const clock = new Clock();
	const nonces = new Nonces(clock.now);
	const see = (nonce: string) => nonces.see(new Headers({ 'Inglenook-Nonce': nonce }));
	see('a');
	see('b');
	nonces.see(new Headers());
	expect([nonces.take(), nonces.take()]).toEqual(['b', undefined]);
	see('c');
	clock.sleep(timers.nonce);
	expect(nonces.take()).toBeUndefined();
});
