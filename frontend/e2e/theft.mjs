// What becomes of a session in a crash, in a restart and in somebody else's hands.
import { fileURLToPath } from 'node:url';
import { Profile } from './profile.mjs';
import { startServer } from './server.mjs';

const out = fileURLToPath(new URL('out/', import.meta.url));

/** Chromium writes its cookies to disk after 30 s; this is a little more. */
const flushed = 33_000;
const quick = [
	'--session-rotate-after=4s',
	'--session-rotate-bearer=4s',
	'--session-overlap=1s',
	'--session-claim-delay=2s',
	'--session-claim-life=20s',
	'--session-proof-grace=2s'
];

/** bare is a `taken` that was begun before. */
export async function theft({ check, launch, bare }) {
	const server = await startServer(...quick);
	const profiles = [];
	const profile = async () => {
		const made = await Profile.make(launch);
		profiles.push(made);
		return made;
	};
	try {
		const own = await profile();
		await check('three tabs outlive a kill of the browser right after a rotation', async () => {
			await own.open();
			const anna = await own.tab(server.url, 'Anna');
			await anna.signIn();
			for (const number of [2, 3]) await anna.tab(number);
			await anna.page.waitForTimeout(flushed);
			await rotation(anna.page);
			await own.kill();
			await own.open();
			const again = await own.tab(server.url, 'Anna');
			await again.page.goto(server.url);
			await again.saved();
			for (const number of [2, 3]) await again.tab(number);
			own.anna = again;
		});
		await check('a server that restarts in the middle of everything signs nobody out', async () => {
			const { anna } = own;
			await anna.go('#/lists');
			await anna.openList('Groceries');
			await anna.add('Before the restart');
			await Promise.all([server.restart(), anna.add('During the restart')]);
			await anna.saved();
			await rotation(anna.page);
			await anna.page.reload();
			await anna.sees('During the restart');
		});
		await check('a copied file of cookies opens nothing once the device must prove its key', async () => {
			await own.anna.page.waitForTimeout(flushed);
			const thief = await profile();
			await own.copyCookies(thief);
			await thief.open();
			const codes = await ask(thief, server.url, 8);
			if (!codes.includes('session-proof-required') && !codes.includes('session-superseded'))
				throw new Error(`the thief was answered ${codes.join(', ')}`);
			if (codes.at(-1) === '200') throw new Error('the thief still gets data');
			const recovered = await recover(thief, server.url);
			if (recovered !== 'session-denied') throw new Error(`the thief recovers: ${recovered}`);
			await own.anna.go('#/');
			await own.anna.saved();
			await own.anna.page
				.getByText(/tried to go on with this session|denied|another device/i)
				.first()
				.waitFor();
		});
		await check('without a key the owner is told that the session was taken', () => bare);
	} finally {
		for (const one of profiles) await one.remove();
		await server.stop();
	}
}

/**
 * A thief goes on with the session of a browser that keeps no key, for longer than a crash would
 * explain: a rotation and 90 s. It mostly waits, and may run beside something else.
 */
export async function taken(launch) {
	const server = await startServer(
		'--session-rotate-bearer=102s',
		'--session-overlap=1s',
		'--session-claim-delay=2s'
	);
	const [owner, thief] = [await Profile.make(launch), await Profile.make(launch)];
	try {
		await owner.open();
		await owner.context.addInitScript(() =>
			Object.defineProperty(window, 'indexedDB', { value: undefined, configurable: true })
		);
		const ben = await owner.tab(server.url, 'Ben');
		await ben.signIn();
		await thief.open();
		await thief.context.addCookies(await owner.context.cookies());
		await owner.context.setOffline(true);
		const codes = await ask(thief, server.url, 215);
		if (codes.at(-1) !== '200') throw new Error(`the thief was answered ${codes.at(-1)}`);
		await owner.context.setOffline(false);
		await ben.page.getByText('Your session was taken').first().waitFor({ timeout: 60_000 });
		const [last] = await ask(thief, server.url, 1);
		if (last !== 'session-taken') throw new Error(`the thief is answered ${last}`);
		await ben.shot(`${out}session-taken.png`);
	} finally {
		await owner.remove();
		await thief.remove();
		await server.stop();
	}
}

/** Waits until a page has been given the next value. */
async function rotation(page) {
	await page.waitForResponse((response) => response.headers()['inglenook-session'] === 'rotated');
}

/** Asks for the session once a second, and returns the codes of the answers. */
async function ask({ context }, url, times) {
	const codes = [];
	for (let n = 0; n < times; n++) {
		const response = await context.request.get(`${url}/api/auth/session`);
		codes.push(response.ok() ? '200' : (await response.json()).code);
		await new Promise((resolve) => setTimeout(resolve, 1000));
	}
	return codes;
}

async function recover({ context }, url) {
	const headers = { 'Content-Type': 'application/json', 'Inglenook-Client': 'thief/1' };
	const response = await context.request.post(`${url}/api/auth/recover`, { headers, data: {} });
	return response.ok() ? 'recovered' : (await response.json()).code;
}
