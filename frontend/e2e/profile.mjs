import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { Device } from './device.mjs';

/** A browser with a folder of its own on disk: it can be killed, started again, and stolen from. */
export class Profile {
	static async make(launch) {
		return new Profile(await mkdtemp(join(tmpdir(), 'inglenook-profile-')), launch);
	}

	constructor(dir, launch) {
		Object.assign(this, { dir, launch });
	}

	async open() {
		this.context = await chromium.launchPersistentContext(this.dir, {
			...this.launch,
			// Without a keyring in between the file of cookies is whole wherever it is copied to.
			args: [...this.launch.args, '--password-store=basic'],
			viewport: { width: 1280, height: 900 },
			locale: 'en-GB',
			timezoneId: 'Europe/Berlin'
		});
		this.context.setDefaultTimeout(20_000);
		return this;
	}

	/** Another tab; the first one is there already. */
	async tab(url, name) {
		const [first] = this.context.pages();
		const page = first?.url() === 'about:blank' ? first : await this.context.newPage();
		return new Device(this.context, page, url, name);
	}

	/** As a power cut: nothing is written any more. */
	async kill() {
		const closed = new Promise((resolve) => this.context.once('close', resolve));
		for (const pid of await readdir('/proc')) {
			if (!/^\d+$/.test(pid)) continue;
			const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
			if (line.includes(`--user-data-dir=${this.dir}`)) process.kill(Number(pid), 'SIGKILL');
		}
		await closed;
		await rm(join(this.dir, 'SingletonLock'), { force: true });
	}

	/** Takes the file of cookies, and nothing else, to another profile. */
	async copyCookies(to) {
		await mkdir(join(to.dir, 'Default'), { recursive: true });
		const file = join('Default', 'Cookies');
		await cp(join(this.dir, file), join(to.dir, file));
	}

	async remove() {
		await this.context?.close().catch(() => {}); // it may have been killed
		await rm(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
	}
}
