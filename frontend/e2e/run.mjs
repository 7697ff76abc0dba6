// The page in Debian's Chromium against a real server with the sample household:
// two people at two devices. Ends with one line "N passed, N failed, N skipped".
import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { conditions } from './conditions.mjs';
import { Device } from './device.mjs';
import { startServer } from './server.mjs';
import { sessions } from './sessions.mjs';
import { taken, theft } from './theft.mjs';

const out = fileURLToPath(new URL('out/', import.meta.url));
const args = [
	'--no-sandbox',
	'--headless=new',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync'
];

let passed = 0;
let failed = 0;

async function check(name, fn) {
	try {
		await fn();
		passed++;
		console.log(`ok    ${name}`);
	} catch (error) {
		failed++;
		console.log(`FAIL  ${name}\n      ${String(error?.message ?? error).replaceAll('\n', '\n      ')}`);
		for (const device of devices)
			await device.shot(`${out}failed-${failed}-${device.name}.png`).catch(() => {});
	}
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const launch = { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args };
const bare = taken(launch);
bare.catch(() => {}); // its check says so
const server = await startServer();
const browser = await chromium.launch(launch);
const devices = [];
try {
	const anna = await Device.open(browser, server.url, 'Anna', { width: 1280, height: 900 });
	const ben = await Device.open(browser, server.url, 'Ben', { width: 390, height: 844 });
	devices.push(anna, ben);
	const list = 'E2E list';

	await check('Anna and Ben sign in as persons of the sample household', async () => {
		await anna.signIn();
		await ben.signIn();
	});
	await check('a new list is there for both', async () => {
		await anna.go('#/lists');
		await anna.page.getByRole('button', { name: 'New list' }).first().click();
		const sheet = anna.page.getByRole('dialog');
		await sheet.getByRole('textbox', { name: 'Name' }).fill(list);
		await sheet.getByRole('button', { name: /^(Add|Save)$/ }).click();
		await sheet.waitFor({ state: 'hidden' });
		await ben.go('#/lists');
		await ben.openList(list);
		if (!(await anna.page.getByRole('textbox', { name: 'Add an item' }).isVisible())) {
			await anna.go('#/lists');
			await anna.openList(list);
		}
	});
	await check('what Anna adds Ben sees without reloading', async () => {
		for (const title of ['Candles', 'Matches', 'Firewood']) await anna.add(title);
		for (const title of ['Candles', 'Matches', 'Firewood']) await ben.sees(title);
	});
	await check('a tick travels, and back again', async () => {
		await ben.row('Matches').click();
		await anna.becomes('Matches', true);
		await anna.showDone();
		await anna.row('Matches').click();
		await ben.becomes('Matches', false);
	});
	await check('an edited title travels', async () => {
		await anna.choose('Candles', 'Edit');
		const sheet = anna.page.getByRole('dialog');
		await sheet.getByRole('textbox', { name: 'What' }).fill('Beeswax candles');
		await sheet.getByRole('button', { name: 'Save' }).click();
		await ben.sees('Beeswax candles');
	});
	await check('a moved row is moved for both', async () => {
		const before = await anna.titles();
		const last = before.at(-1);
		await anna.choose(last, 'Move to the top');
		await anna.until(async () => (await anna.titles())[0] === last, `${last} first for Anna`);
		await ben.until(async () => (await ben.titles())[0] === last, `${last} first for Ben`);
	});
	await check('deleted, and taken back with the toast', async () => {
		await anna.choose('Firewood', 'Delete');
		await ben.seesNot('Firewood');
		await anna.page.getByRole('button', { name: 'Undo' }).last().click();
		await ben.sees('Firewood');
	});
	await check('undo outlives a reload', async () => {
		await anna.choose('Firewood', 'Delete');
		await ben.seesNot('Firewood');
		await anna.saved();
		await anna.page.reload();
		await anna.saved();
		await anna.page.locator('body').click({ position: { x: 5, y: 5 } });
		await anna.page.keyboard.press('Control+z');
		await anna.sees('Firewood');
		await ben.sees('Firewood');
	});
	await check('restored from the trash by the other one', async () => {
		await anna.choose('Matches', 'Delete');
		await ben.seesNot('Matches');
		await ben.go('#/trash');
		await ben.page.getByRole('button', { name: 'Restore: Matches' }).click();
		await anna.sees('Matches');
		await ben.go('#/lists');
		await ben.openList(list);
		await ben.sees('Matches');
	});
	await check('written offline, there for all afterwards', async () => {
		await anna.context.setOffline(true);
		await anna.add('Chestnuts');
		await anna.row('Matches').click();
		await anna.chip(/waiting|not reached/i);
		await ben.add('Cocoa');
		await anna.context.setOffline(false);
		await ben.sees('Chestnuts');
		await ben.becomes('Matches', true);
		await anna.sees('Cocoa');
		await anna.saved();
	});
	await check('the history says who did what', async () => {
		await anna.choose('Beeswax candles', 'History');
		const sheet = anna.page.getByRole('dialog');
		await sheet.getByText('made it').waitFor();
		await sheet.getByText('changed it').first().waitFor();
		await sheet.getByRole('button', { name: 'Put this back' }).first().waitFor();
		await anna.page.keyboard.press('Escape');
	});
	await check('a reload shows the same as before', async () => {
		const before = await ben.titles();
		await ben.page.reload();
		await ben.until(
			async () => (await ben.titles()).join() === before.join(),
			'the same rows after a reload'
		);
	});
	await conditions({ check, browser, url: server.url, devices, anna, ben, list });
	await check('screens at 390 and 1280 px, light and dark', async () => {
		// A word wider than a telephone, on the list and in the trash.
		const long = 'Donaudampfschifffahrtsgesellschaftskapitänsmütze';
		await anna.add(long);
		await anna.add(`${long}nband`);
		await anna.choose(`${long}nband`, 'Delete');
		await anna.saved();
		const screens = {
			today: '#/',
			lists: '#/lists',
			list: new URL(anna.page.url()).hash,
			agenda: '#/agenda',
			notes: '#/notes',
			people: '#/people',
			trash: '#/trash',
			settings: '#/settings'
		};
		for (const width of [390, 1280]) {
			for (const scheme of ['light', 'dark']) {
				await anna.page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
				await anna.page.emulateMedia({ colorScheme: scheme });
				for (const [name, hash] of Object.entries(screens)) {
					await anna.go(hash);
					await anna.page.waitForTimeout(150); // motion ends
					await anna.shot(`${out}${name}-${width}-${scheme}.png`);
					const wide = await anna.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
					if (wide > 0) throw new Error(`${name} is ${wide} px wider than the ${width} px screen`);
				}
			}
		}
	});
	await sessions({ check, browser, devices, out });
	for (const device of devices) {
		await check(`no errors in ${device.name}'s console, no violation of the content policy`, async () => {
			if (device.errors.length > 0) throw new Error(device.errors.join('\n'));
		});
	}
	await theft({ check, launch, bare });
} finally {
	await browser.close();
	await server.stop();
}
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed > 0 ? 1 : 0;
