import { mount } from 'svelte';
import App from './App.svelte';
import { prose } from './kinds/note/prose.svelte';
import { BrowserHost } from './lib/host/browser';
import { DesktopHost, inWindow } from './lib/host/desktop';
import type { Host } from './lib/host/host';
import { TabsHost } from './lib/host/tabs';
import { pageEnv } from './lib/replica/env';
import { Live } from './lib/replica/live.svelte';
import { LocalReplica } from './lib/replica/replica';
import { Carrier } from './lib/session/carrier';
import { Memory } from './lib/session/remembered';
import { Auth } from './lib/session/session';
import { Shelf } from './lib/session/shelf';
import { UnsentInBrowser } from './lib/session/unsent';
import { pageWorld } from './lib/session/world';

/** Who answers the page, and who carries its sessions where the page has to. */
async function chooseHost(): Promise<{ host: Host; carrier?: Carrier; unsent?: UnsentInBrowser }> {
	if (inWindow()) return { host: new DesktopHost() };
	const wish = new URLSearchParams(location.search).get('memory');
	// Vite drops the branch, and with it the household in memory, from what is built.
	if (import.meta.env.DEV && wish !== null)
		return { host: (await import('./lib/host/memory')).memoryHost(wish) };
	const client = `web/${__VERSION__}`;
	const shelf = Shelf.open(indexedDB);
	const carrier = new Carrier(pageWorld(client, shelf));
	const unsent = new UnsentInBrowser(shelf);
	return { host: new TabsHost(new BrowserHost(client, carrier)), carrier, unsent };
}

async function main(): Promise<void> {
	const { host, carrier, unsent } = await chooseHost();
	const env = { ...pageEnv(), ...(unsent && { unsent }) };
	const replica = new LocalReplica(host, env);
	const auth = new Auth(host, carrier, unsent, () => replica.unsaved);
	replica.subscribe((kinds) => {
		if (kinds.has('')) auth.follow(replica);
	});
	rememberPlace(new Memory(host, env.after), auth);
	// Somebody has signed in in another tab: perhaps who was signed in here.
	window.addEventListener('storage', ({ key }) => {
		if (key === 'inglenook.signed-in' && replica.status.state === 'sign-in') replica.syncNow();
	});
	// What is neither sent nor kept ends with the page.
	window.addEventListener('beforeunload', (event) => {
		if (replica.unsaved > 0) event.preventDefault();
	});
	window.addEventListener('pageshow', ({ persisted }) => {
		// While it was away another page may have taken up what this one had unsent.
		if (persisted) location.reload();
	});
	replica.start();
	const target = document.getElementById('app');
	if (!target) throw new Error('index.html has no #app');
	whenIdle(() => void prose.load()); // there for later, also without a network
	const props = { live: new Live(replica), api: replica.api, host, auth };
	mount(App, { target, props });
}

/** The session knows where its page was last, and who opens it without saying where goes on there. */
function rememberPlace(memory: Memory, auth: Auth): void {
	let returns = location.hash === '';
	const went = () => {
		returns = false;
		if (auth.standing.kind === 'in' && !/^#\/(callback|join)|^#tg/.test(location.hash))
			memory.set('place', location.hash);
	};
	memory.subscribe(() => {
		const place = memory.get('place');
		if (returns && place?.startsWith('#/')) location.replace(place);
		returns = false;
	});
	window.addEventListener('hashchange', went);
	auth.subscribe(() => {
		if (auth.standing.kind === 'in' && auth.session) void memory.heard(auth.session.dataChecksum);
	});
}

/** Safari has no idle callbacks. */
function whenIdle(fn: () => void): void {
	if ('requestIdleCallback' in window) requestIdleCallback(fn);
	else setTimeout(fn, 1000);
}

void main();
