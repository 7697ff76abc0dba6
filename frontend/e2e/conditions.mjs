// The page where things are not as they should be: two tabs, no network, a slow
// one, another language, signing out with something unsent.
import { Device } from './device.mjs';

export async function conditions({ check, browser, url, devices, anna, ben, list }) {
	async function open(name, locale) {
		const device = await Device.open(browser, url, name, { width: 1280, height: 900 }, locale);
		devices.push(device);
		return device;
	}

	await check('two tabs of one browser show the same', async () => {
		const tab = await anna.tab();
		devices.push(tab);
		for (const device of [anna, tab]) {
			await device.go('#/lists');
			await device.openList(list);
		}
		await tab.add('Nutcracker');
		await anna.sees('Nutcracker');
		await anna.row('Nutcracker').click();
		await tab.becomes('Nutcracker', true);
		await tab.page.close();
		devices.splice(devices.indexOf(tab), 1);
		if (tab.errors.length > 0) throw new Error(tab.errors.join('\n'));
	});

	for (const locks of [true, false]) {
		// Chromium lets six connections to a host over plain http; Web Locks it has only at home and over TLS.
		await check(`eight tabs share a stream, ${locks ? 'with' : 'without'} Web Locks`, async () => {
			const first = await open('Anna');
			if (!locks) await first.context.addInitScript(() => delete Navigator.prototype.locks);
			await first.signIn();
			const tabs = [first];
			while (tabs.length < 8) tabs.push(await first.tab(tabs.length + 1));
			for (const tab of tabs) {
				await tab.go('#/lists');
				await tab.openList(list);
			}
			const one = `Sledge ${locks}`;
			const other = `Skates ${locks}`;
			await ben.add(one);
			for (const tab of tabs) await tab.sees(one);
			const leads = tabs.filter(({ streams }) => streams > 0);
			if (leads.length !== 1) throw new Error(`${leads.length} of eight tabs have a stream`);
			await leads[0].page.close();
			const rest = tabs.filter((tab) => tab !== leads[0]);
			await ben.add(other);
			for (const tab of rest) await tab.sees(other);
			for (const tab of rest) await tab.saved();
			const streams = rest.reduce((sum, tab) => sum + tab.streams, 0);
			if (streams !== 1) throw new Error(`${streams} streams after the leader was closed`);
			devices.splice(devices.indexOf(first), 1);
			await first.context.close();
			const errors = tabs.flatMap((tab) => tab.errors);
			if (errors.length > 0) throw new Error(errors.join('\n'));
		});
	}

	await check('what several tabs write offline arrives, and all notice when one signs out', async () => {
		const first = await open('Anna');
		await first.signIn();
		const tabs = [first, await first.tab(2), await first.tab(3)];
		for (const tab of tabs) {
			await tab.go('#/lists');
			await tab.openList(list);
		}
		await first.context.setOffline(true);
		for (const [number, tab] of tabs.entries()) await tab.add(`Bells ${number}`);
		for (const tab of tabs) await tab.chip(/waiting|not reached/i);
		await first.context.setOffline(false);
		for (const tab of tabs) for (const number of tabs.keys()) await tab.sees(`Bells ${number}`);
		for (const tab of tabs) await tab.saved();
		await first.go('#/settings');
		await first.page.getByRole('button', { name: 'Sign out' }).click();
		await first.face();
		for (const tab of tabs.slice(1)) await tab.chip(/Sign in again/);
		devices.splice(devices.indexOf(first), 1);
		await first.context.close();
		const errors = tabs.flatMap((tab) => tab.errors);
		if (errors.length > 0) throw new Error(errors.join('\n'));
	});

	await check('a note is set in type without a network too', async () => {
		await ben.go('#/notes');
		await ben.context.setOffline(true);
		await ben.page.getByRole('main').getByRole('link').first().click();
		await ben.page.locator('.prose > *').first().waitFor();
		await ben.context.setOffline(false);
		await ben.go('#/lists');
		await ben.openList(list);
	});

	await check('what is unsent outlives its page, and is sent by the next', async () => {
		const mia = await open('Mia');
		await mia.signIn();
		await mia.go('#/lists');
		await mia.openList(list);
		await mia.context.setOffline(true);
		await mia.add('Gingerbread');
		await mia.kept();
		await mia.page.close({ runBeforeUnload: false });
		await mia.context.setOffline(false);
		const after = await mia.tab();
		await anna.sees('Gingerbread');
		await after.go('#/lists');
		await after.openList(list);
		if ((await after.row('Gingerbread').count()) !== 1) throw new Error('it is there more than once');
		await mia.context.close();
		devices.splice(devices.indexOf(mia), 1);
	});

	await check('leaving asks first where nothing can be kept, and staying loses nothing', async () => {
		const mia = await open('Mia');
		await mia.page.addInitScript(() => {
			IDBFactory.prototype.open = () => {
				throw new DOMException('private', 'InvalidStateError');
			};
		});
		await mia.signIn();
		await mia.go('#/lists');
		await mia.openList(list);
		await mia.context.setOffline(true);
		await mia.add('Speculaas');
		const asked = new Promise((resolve) =>
			mia.page.once('dialog', async (dialog) => {
				await dialog.dismiss();
				resolve(dialog.type());
			})
		);
		await mia.page.evaluate(() => void setTimeout(() => location.reload()));
		if ((await asked) !== 'beforeunload') throw new Error('something else was asked');
		await mia.sees('Speculaas');
		await mia.context.setOffline(false);
		await anna.sees('Speculaas');
		await mia.saved();
		await mia.context.close();
		devices.splice(devices.indexOf(mia), 1);
	});

	await check('a slow server: what is written is seen at once, and arrives', async () => {
		const ruth = await open('Ruth');
		await ruth.signIn();
		await ruth.go('#/lists');
		await ruth.openList(list);
		await ruth.slow();
		const before = Date.now();
		await ruth.add('Marzipan');
		const took = Date.now() - before;
		await ruth.chip(/syncing|waiting/i);
		if (took > 900) throw new Error(`seen after ${took} ms only`);
		await anna.sees('Marzipan');
		await ruth.saved();
		await ruth.page.reload();
		await ruth.sees('Marzipan');
	});

	await check('a browser in German speaks German', async () => {
		const leo = await open('Leo', 'de-DE');
		await leo.page.goto(url);
		await (await leo.face()).click();
		await leo.page.getByRole('navigation', { name: 'Hauptmenü' }).first().waitFor();
		const today = new Date();
		const weekday = today.toLocaleDateString('de-DE', { weekday: 'long', timeZone: 'Europe/Berlin' });
		await leo.page.getByRole('heading', { level: 1, name: weekday }).waitFor();
		await leo.go('#/settings');
		await leo.page.getByRole('button', { name: 'Abmelden' }).waitFor();
		const language = await leo.page.evaluate(() => document.documentElement.lang);
		if (language !== 'de') throw new Error(`the page says it is in ${language}`);
	});

	await check('signing out with something unsent says so; signing out ends the session', async () => {
		const mia = await open('Mia');
		await mia.signIn();
		await mia.go('#/lists');
		await mia.openList(list);
		await mia.context.setOffline(true);
		await mia.add('Tinsel');
		await mia.go('#/settings');
		await mia.page.getByRole('button', { name: 'Sign out' }).click();
		await mia.page.getByRole('alert').filter({ hasText: '1' }).waitFor();
		await mia.page.getByRole('main').getByRole('button', { name: 'Stay' }).click();
		await mia.context.setOffline(false);
		await mia.saved();
		await anna.sees('Tinsel');
		await mia.go('#/lists');
		await mia.openList(list);
		await mia.page.route('**/api/replacements', (route) => route.abort());
		await mia.add('Baubles');
		await mia.go('#/settings');
		await mia.page.getByRole('button', { name: 'Sign out' }).click();
		// A second question, the browser's, would be answered with staying.
		await mia.page.getByRole('button', { name: 'Sign out anyway' }).click();
		await mia.face();
		await mia.page.unroute('**/api/replacements');
		await mia.signIn();
		await mia.go('#/settings');
		await mia.page.getByRole('button', { name: 'Sign out' }).click();
		await mia.face();
		await mia.page.reload();
		await mia.face();
		const kept = await mia.page.evaluate(() => document.body.innerText);
		if (kept.includes('Tinsel')) throw new Error('something of before is still shown');
	});
}
