/** How long anything may take to be seen, in milliseconds. */
const patience = 10_000;

/** One person at one browser; finds things by role and name, as people do. */
export class Device {
	errors = [];
	/** How many event streams its page has open. */
	streams = 0;

	static async open(browser, url, name, viewport, locale = 'en-GB') {
		const context = await browser.newContext({ viewport, locale, timezoneId: 'Europe/Berlin' });
		context.setDefaultTimeout(patience);
		return new Device(context, await context.newPage(), url, name);
	}

	constructor(context, page, url, name) {
		Object.assign(this, { context, page, url, name });
		page.on('console', (message) => {
			// What Chromium itself says of a request that got no answer, or 401 before signing in, is no error of the page.
			const network = /^Failed to load resource: (net::|the server responded with a status of 401)/;
			if (message.type() === 'error' && !network.test(message.text())) this.errors.push(message.text());
		});
		for (const [event, streams] of [
			['request', 1],
			['requestfinished', -1],
			['requestfailed', -1]
		])
			page.on(event, (request) => (this.streams += request.url().includes('/api/event') ? streams : 0));
		page.on('pageerror', (error) => this.errors.push(String(error)));
	}

	/** Another tab of the same browser, signed in as this one is. */
	async tab(number = 2) {
		const page = await this.context.newPage();
		const tab = new Device(this.context, page, this.url, `${this.name}, tab ${number}`);
		await tab.page.goto(this.url);
		await tab.saved();
		return tab;
	}

	/** Makes the network slow: a second to the first byte, 20 kB/s. */
	async slow() {
		const session = await this.context.newCDPSession(this.page);
		const rate = { latency: 1000, downloadThroughput: 20_000, uploadThroughput: 20_000 };
		await session.send('Network.emulateNetworkConditions', { offline: false, ...rate });
	}

	async face() {
		const face = this.page.getByRole('main').getByRole('button', { name: new RegExp(`\\b${this.name}\\b`) });
		await face.waitFor();
		return face;
	}

	async signIn() {
		await this.page.goto(this.url);
		await (await this.face()).click();
		await this.page.getByRole('navigation', { name: 'Main' }).first().waitFor();
		await this.saved();
	}

	async go(hash) {
		await this.page.evaluate((to) => (location.hash = to), hash);
	}

	async openList(title) {
		await this.page.getByRole('link', { name: title }).first().click();
		await this.page.getByRole('textbox', { name: 'Add an item' }).waitFor();
	}

	async add(title) {
		const box = this.page.getByRole('textbox', { name: 'Add an item' });
		await box.fill(title);
		await box.press('Enter');
		await this.sees(title);
	}

	/** Until the browser keeps something that is unsent. */
	async kept() {
		await this.page.waitForFunction(async () => {
			const opening = indexedDB.open('inglenook');
			await new Promise((resolve) => (opening.onsuccess = resolve));
			const outboxes = opening.result.transaction('outboxes').objectStore('outboxes').count();
			await new Promise((resolve) => (outboxes.onsuccess = resolve));
			opening.result.close();
			return outboxes.result > 0;
		});
	}

	row(title) {
		return this.page.getByRole('checkbox', { name: title });
	}

	async titles() {
		const rows = await this.page.getByRole('checkbox', { checked: false }).allInnerTexts();
		return rows.map((text) => text.trim().split('\n')[0]);
	}

	async sees(title) {
		await this.row(title).first().waitFor();
	}

	async seesNot(title) {
		await this.until(async () => (await this.row(title).count()) === 0, `${title} is gone for ${this.name}`);
	}

	/** Ticked rows may be folded away. */
	async becomes(title, done) {
		await this.until(
			async () => {
				if (done) await this.showDone();
				return (await this.page.getByRole('checkbox', { name: title, checked: done }).count()) === 1;
			},
			`${title} is ${done ? 'done' : 'open'} for ${this.name}`
		);
	}

	async showDone() {
		const folded = this.page.getByRole('button', { name: /^Done · / });
		if ((await folded.count()) > 0 && (await folded.getAttribute('aria-expanded')) === 'false')
			await folded.click();
	}

	/** Picks from the menu of a row. */
	async choose(title, choice) {
		await this.page.getByRole('button', { name: `More for ${title}` }).click();
		await this.page.getByRole('menuitem', { name: choice, exact: true }).click();
	}

	async chip(words) {
		await this.page.getByRole('button', { name: words }).filter({ visible: true }).first().waitFor();
	}

	async saved() {
		await this.chip('Sync status: Saved · synced');
	}

	async shot(path) {
		await this.page.screenshot({ path });
	}

	async until(condition, what) {
		const end = Date.now() + patience;
		while (!(await condition())) {
			if (Date.now() > end) throw new Error(`not so after ${patience} ms: ${what}`);
			await this.page.waitForTimeout(50);
		}
	}
}
