// Signing in by every method, devices, account, who is let in, several people at
// one browser: a household from its first person on. No sample person can do
// everything, so this server begins empty.
import { Device } from './device.mjs';
import { startProvider } from './provider.mjs';
import { startEmptyServer } from './server.mjs';

const password = 'correct horse battery';
const narrow = { width: 390, height: 844 };
const wide = { width: 1280, height: 900 };

export async function sessions({ check, browser, devices, out }) {
	const provider = await startProvider();
	// Every step-up is asked for: a second after signing in nobody is fresh any more.
	const server = await startEmptyServer({ oidc: [provider.config] }, '--session-step-up=1s');
	const opened = [];
	const open = async (name, viewport = wide, locale, url = server.url) => {
		const device = await Device.open(browser, url, name, viewport, locale);
		opened.push(device);
		devices.push(device);
		return device;
	};
	const main = (device) => device.page.getByRole('navigation', { name: 'Main' }).first().waitFor();
	const press = (at, name) => at.getByRole('button', { name, exact: true }).click();
	const type = (at, label, text) => at.getByLabel(label, { exact: true }).fill(text);
	/** The sheet that asks who one is, before what was asked for is done. */
	const stepUp = async ({ page }) => {
		const sheet = page.getByRole('dialog', { name: 'Is it you?' });
		await type(sheet, 'Your password', password);
		await page.keyboard.press('Enter');
		await sheet.waitFor({ state: 'hidden' });
	};
	const stale = (device) => device.page.waitForTimeout(1100);

	try {
		const anna = await open('Anna');
		await check('the first person sets the household up', async () => {
			await anna.page.goto(server.url);
			await type(anna.page, 'Set-up code', server.setUpCode());
			await type(anna.page, 'Name of the household', 'Lindner');
			await type(anna.page, 'Your name', 'Anna');
			await type(anna.page, 'Password', password);
			await press(anna.page, 'Start');
			await main(anna);
			await anna.saved();
		});

		const phone = await open('phone', narrow);
		await check('a stranger sees only the methods that are on, and no request of theirs fails', async () => {
			const failed = [];
			phone.page.on('response', (response) => response.status() >= 400 && failed.push(response.url()));
			await phone.page.goto(server.url);
			await phone.page.getByRole('heading', { name: 'Sign in to Lindner' }).waitFor();
			await phone.page.getByRole('button', { name: 'Continue with Sports club' }).waitFor();
			await phone.page.getByText('not encrypted').waitFor();
			if (await phone.page.getByLabel('Set-up code').count()) throw new Error('it can be set up again');
			if (await phone.page.getByRole('button', { name: 'With a recovery code' }).count())
				throw new Error('recovery codes are no first choice');
			if (failed.length) throw new Error(`failed: ${failed.join(', ')}`);
		});
		await check('a wrong password is said in words, and what was typed stays', async () => {
			await type(phone.page, 'Your name', 'Anna');
			await type(phone.page, 'Password', 'not this one');
			await press(phone.page, 'Sign in');
			await phone.page.getByRole('alert').filter({ hasText: 'not right' }).waitFor();
			if ((await phone.page.getByLabel('Your name').inputValue()) !== 'Anna')
				throw new Error('the name is gone');
		});
		await check('a new device shows a code, another lets it in', async () => {
			await press(phone.page, 'With another device');
			await phone.page.getByRole('img', { name: /picture for a camera/ }).waitFor();
			const code = await phone.page.getByLabel('Code', { exact: true }).innerText();
			await anna.go('#/devices');
			await press(anna.page, 'Let a device in');
			const sheet = anna.page.getByRole('dialog', { name: 'Let a device in' });
			await type(sheet, 'Code of the new device', 'BBBB-BBBB');
			await press(sheet, 'Next');
			await sheet.getByText('No device shows this code').waitFor();
			// As people copy it.
			await type(sheet, 'Code of the new device', code.toLowerCase().replace('-', ' '));
			await press(sheet, 'Next');
			await sheet.getByText('Is this the device in front of you?').waitFor();
			await press(sheet, 'Let it in');
			await main(phone);
			await anna.page.getByRole('listitem').nth(1).waitFor();
		});
		await check('a device gets a name in place', async () => {
			const rows = anna.page.getByRole('main').getByRole('listitem');
			await rows
				.filter({ hasText: 'this device' })
				.getByRole('button', { name: /^More for/ })
				.click();
			await anna.page.getByRole('menuitem', { name: 'Rename' }).click();
			await type(anna.page, 'Name of the device', 'Kitchen tablet');
			await anna.page.keyboard.press('Enter');
			await rows.first().filter({ hasText: 'Kitchen tablet' }).waitFor();
		});
		await check('one ends all others after a step-up, and they are out at once', async () => {
			await stale(anna);
			await press(anna.page, 'Sign out all others');
			await press(anna.page, 'Sign out all others');
			await stepUp(anna);
			await anna.page.getByText('All others are signed out').waitFor();
			await phone.chip(/Sign in again/);
			await phone.page.reload();
			await phone.page.getByText('This device was signed out from another one.').waitFor();
		});

		let codes = [];
		await check('recovery codes are shown once, and one signs in once', async () => {
			await anna.go('#/account');
			await stale(anna);
			await press(anna.page, 'Make recovery codes');
			await stepUp(anna);
			const sheet = anna.page.getByRole('dialog', { name: 'Your recovery codes' });
			await sheet.getByRole('listitem').first().waitFor();
			codes = (await sheet.getByRole('listitem').allInnerTexts()).map((line) => line.trim());
			if (codes.length !== 10) throw new Error(`${codes.length} codes`);
			await press(sheet, 'I have kept them');
			await anna.page.getByText('10 of 10 left').waitFor();
			await press(phone.page, 'Other ways');
			await press(phone.page, 'With a recovery code');
			for (const right of [true, false]) {
				await type(phone.page, 'Recovery code', codes[0]);
				await type(phone.page, 'Your name', 'Anna');
				await press(phone.page, 'Sign in');
				if (!right) break;
				await main(phone);
				await phone.go('#/settings');
				await press(phone.page, 'Sign out');
				await press(phone.page, 'Other ways');
				await press(phone.page, 'With a recovery code');
			}
			await phone.page.getByRole('alert').filter({ hasText: 'not right' }).waitFor();
			await press(phone.page, 'Back');
		});
		await check('a script gets a token, which stands among the devices', async () => {
			await stale(anna);
			await type(anna.page, 'What is it for?', 'Heating');
			await press(anna.page, 'Make a token');
			await stepUp(anna);
			const sheet = anna.page.getByRole('dialog', { name: 'Token for Heating' });
			if (!/^v1\./.test((await sheet.getByRole('listitem').innerText()).trim())) throw new Error('no value');
			await press(sheet, 'I have kept it');
			await anna.go('#/devices');
			await anna.page.getByText('Script with a token').first().waitFor();
		});
		await check('who is turned back by a provider can go on', async () => {
			await press(phone.page, 'Continue with Sports club');
			await phone.page.getByRole('link', { name: 'Turn back' }).click();
			await phone.page.getByRole('heading', { name: 'That did not work' }).waitFor();
			await press(phone.page, 'Go on');
			await phone.page.getByRole('heading', { name: 'Sign in to Lindner' }).waitFor();
		});
		await check('somebody unknown asks to be let in, waits, and goes on by themselves', async () => {
			await press(phone.page, 'Continue with Sports club');
			await phone.page.getByRole('link', { name: 'I am Nina' }).click();
			await phone.page.getByRole('heading', { name: 'Hello, Nina Berg' }).waitFor();
			await type(phone.page, 'Your name', 'Nina');
			await press(phone.page, 'Ask to be let in');
			await phone.page.getByRole('heading', { name: 'Waiting to be let in' }).waitFor();
			await anna.go('#/');
			await anna.page.getByRole('link', { name: 'See the request' }).click();
			await stale(anna);
			await press(anna.page, 'Let in Nina');
			const sheet = anna.page.getByRole('dialog', { name: 'Let in Nina' });
			await sheet.getByLabel('Access').selectOption('child');
			await press(sheet, 'Let in');
			await stepUp(anna);
			await main(phone);
			await anna.go('#/people');
			await anna.page.getByRole('button', { name: /Nina.*Child/ }).waitFor();
		});
		await check('what somebody may do changes after a step-up, and in a batch like any other', async () => {
			await stale(anna);
			await anna.page.getByRole('button', { name: /Nina.*Child/ }).click();
			const sheet = anna.page.getByRole('dialog', { name: 'Person' });
			await sheet.getByLabel('Access').selectOption('display');
			await press(sheet, 'Save');
			await stepUp(anna);
			await sheet.waitFor({ state: 'detached' });
			await anna.page.reload();
			await anna.page.getByRole('button', { name: /Nina.*Display/ }).waitFor();
		});
		await check('a notice stays until it is acknowledged, also after a reload', async () => {
			await anna.go('#/');
			const notice = anna.page.getByRole('region', { name: 'Worth knowing' }).getByText('asks to be let in');
			await notice.waitFor();
			await anna.page.reload();
			await notice.waitFor();
			const all = anna.page.getByRole('region', { name: 'Worth knowing' }).getByRole('button');
			for (let left = await all.count(); left > 0; left--) {
				await all.first().click();
				await anna.until(async () => (await all.count()) < left, 'one notice less');
			}
			await anna.page.reload();
			await anna.saved();
			if (await notice.count()) throw new Error('it is there again');
		});

		await check('a passkey is added, signs in, and is a step-up', async () => {
			// Passkeys belong to names, never to addresses.
			const key = await open('key', wide, undefined, server.url.replace('127.0.0.1', 'localhost'));
			const cdp = await key.context.newCDPSession(key.page);
			await cdp.send('WebAuthn.enable');
			await cdp.send('WebAuthn.addVirtualAuthenticator', {
				options: {
					protocol: 'ctap2',
					transport: 'internal',
					hasResidentKey: true,
					hasUserVerification: true,
					isUserVerified: true
				}
			});
			await key.page.goto(key.url);
			await type(key.page, 'Your name', 'Anna');
			await type(key.page, 'Password', password);
			await press(key.page, 'Sign in');
			await main(key);
			await key.go('#/account');
			await stale(key);
			await press(key.page, 'Add a passkey');
			await stepUp(key);
			await press(key.page.getByRole('main').getByRole('listitem'), /^Remove (?!Password)/);
			await press(key.page, 'Cancel');
			await key.go('#/settings');
			await press(key.page, 'Sign out');
			await press(key.page, 'Sign in with a passkey');
			await main(key);
			await key.go('#/account');
			await stale(key);
			await press(key.page.getByRole('main').getByRole('listitem'), /^Remove (?!Password)/);
			await press(key.page, 'Remove');
			await press(key.page.getByRole('dialog', { name: 'Is it you?' }), 'With a passkey');
			await key.page.getByText('It is your only one').waitFor();
		});
		await check('a browser that keeps no cookies is told so', async () => {
			const bare = await open('bare', narrow);
			await bare.page.route('**/api/auth/login/*', async (route) => {
				const response = await route.fetch();
				await bare.context.clearCookies();
				const headers = response.headers();
				delete headers['set-cookie'];
				await route.fulfill({ response, headers });
			});
			await bare.page.goto(server.url);
			await type(bare.page, 'Your name', 'Anna');
			await type(bare.page, 'Password', password);
			await press(bare.page, 'Sign in');
			await bare.page.getByRole('alert').filter({ hasText: 'this browser does not keep it' }).waitFor();
		});

		const otto = await open('Otto', narrow);
		await check('an invitation is a link, and works once', async () => {
			await anna.go('#/requests');
			await stale(anna);
			await press(anna.page, 'Invite somebody');
			await press(anna.page, 'Make the invitation');
			await stepUp(anna);
			const sheet = anna.page.getByRole('dialog', { name: 'The invitation' });
			const code = await sheet.getByRole('definition').innerText();
			await press(sheet, 'Done');
			await otto.page.goto(`${server.url}/#/join/${code}`);
			await type(otto.page, 'Your name', 'Otto');
			await type(otto.page, 'Password', 'seven green bottles');
			await press(otto.page, 'Come in');
			await main(otto);
			if (otto.page.url().includes(code)) throw new Error('the code is left in the address');
			const late = await open('late', narrow);
			await late.page.goto(`${server.url}/#/join/${code}`);
			await type(late.page, 'Your name', 'Late');
			await press(late.page, 'Come in');
			await late.page.getByRole('alert').filter({ hasText: 'not right' }).waitFor();
		});
		await check('several people at one browser switch without signing in again', async () => {
			const here = () => otto.page.getByRole('button', { name: /Who is signed in here/ }).click();
			const sheet = otto.page.getByRole('dialog', { name: 'Who is signed in here' });
			await otto.go('#/more');
			await here();
			await press(sheet, 'Sign in somebody else');
			await type(otto.page, 'Your name', 'Anna');
			await type(otto.page, 'Password', password);
			await press(otto.page, 'Sign in');
			await otto.page.getByText('Signed in as Anna').waitFor();
			await here();
			await press(sheet, 'Go on as Otto');
			await otto.page.getByText('Signed in as Otto').waitFor();
			await here();
			await press(sheet, 'Sign out Anna');
			await otto.until(async () => !(await sheet.getByText('Anna').count()), 'Anna is gone');
			await otto.page.keyboard.press('Escape');
			await otto.page.reload();
			await otto.page.getByText('Signed in as Otto').waitFor();
		});
		await check('a new password ends the other sessions; the only way in cannot be removed', async () => {
			await anna.go('#/account');
			await anna.page.getByText('It is your only one').waitFor();
			await press(anna.page, 'Change');
			const sheet = anna.page.getByRole('dialog', { name: 'Change the password' });
			await type(sheet, 'Present password', password);
			await type(sheet, 'New password', 'password');
			await press(sheet, 'Save');
			await sheet.getByText('not so common').waitFor();
			await type(sheet, 'New password', `${password} staple`);
			await press(sheet, 'Save');
			await anna.page.getByText('The password is changed').waitFor();
			await anna.go('#/devices');
			await anna.page.getByRole('heading', { name: 'Only this device' }).waitFor();
		});
		await check('who was robbed of a session is told when, from where and what to do', async () => {
			const taken = {
				...{ type: '/problems/session-taken', title: 'taken', status: 401, code: 'session-taken' },
				...{ at: new Date(Date.now() - 3_600_000).toISOString(), network: '203.0.113.0/24' }
			};
			await otto.page.route('**/api/**', (route) =>
				/methods|login/.test(route.request().url())
					? route.fallback()
					: route.fulfill({ status: 401, contentType: 'application/problem+json', json: taken })
			);
			await otto.page.reload();
			const sheet = otto.page.getByRole('dialog', { name: 'Your session was taken' });
			await sheet.getByText('203.0.113.0/24').waitFor();
			await sheet.getByText('end what you do not know').waitFor();
			await otto.page.waitForTimeout(300); // motion ends
			await fits(otto, `${out}taken.png`);
			await press(sheet, 'Sign in again');
			const again = otto.page.getByRole('dialog', { name: 'Sign in again' });
			await type(again, 'Your name', 'Otto');
			await type(again, 'Password', 'seven green bottles');
			await otto.page.unroute('**/api/**');
			await press(again, 'Sign in');
			await main(otto);
			await otto.saved();
		});
		await check('the audit log says who did what', async () => {
			await anna.go('#/audit');
			const lines = anna.page.getByRole('main').getByRole('listitem');
			await lines.filter({ hasText: 'Nina was let in by Anna' }).first().waitFor();
			await anna.page.getByLabel('Person').selectOption({ label: 'Otto' });
			await lines.filter({ hasText: 'came in by invitation' }).first().waitFor();
			if (await lines.filter({ hasText: 'Nina was let in' }).count()) throw new Error('Nina is no Otto');
			await otto.go('#/audit');
			await otto.page.getByText('Only an admin reads this.').waitFor();
		});
		await check('these screens at 320 and 1280 px, light and dark, in German too', async () => {
			const german = await open('Fremde', narrow, 'de-DE');
			await german.page.goto(server.url);
			await german.page.getByRole('heading', { name: 'Bei „Lindner“ anmelden' }).waitFor();
			const hashes = ['devices', 'account', 'requests', 'audit', 'settings', 'people', 'more'];
			for (const width of [320, 1280])
				for (const scheme of ['light', 'dark']) {
					for (const { page } of [anna, german]) {
						await page.setViewportSize({ width, height: width < 600 ? 700 : 900 });
						await page.emulateMedia({ colorScheme: scheme });
					}
					await fits(german, `${out}signin-de-${width}-${scheme}.png`);
					for (const hash of hashes) {
						await anna.go(`#/${hash}`);
						await anna.page.waitForTimeout(150); // motion ends
						await fits(anna, `${out}${hash}-${width}-${scheme}.png`);
					}
				}
		});
		for (const device of opened)
			await check(`no errors in the console of ${device.name} at the empty household`, async () => {
				// So it is answered what needs a step-up, what is not there, and a password that is too weak.
				const answers = /^Failed to load resource: the server responded with a status of (40[34]|422)/;
				const errors = device.errors.filter((error) => !answers.test(error));
				if (errors.length > 0) throw new Error(errors.join('\n'));
			});
	} finally {
		for (const device of opened) {
			devices.splice(devices.indexOf(device), 1);
			await device.context.close();
		}
		await server.stop();
		provider.stop();
	}
}

async function fits(device, path) {
	await device.shot(path);
	const over = await device.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	if (over > 0) throw new Error(`${path} is ${over} px too wide`);
}
