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
import { Auth } from './lib/session/session';
import { Shelf } from './lib/session/shelf';
import { pageWorld } from './lib/session/world';

/** Who answers the page, and who carries its sessions where the page has to. */
async function chooseHost(): Promise<{ host: Host; carrier?: Carrier }> {
	if (inWindow()) return { host: new DesktopHost() };
	const wish = new URLSearchParams(location.search).get('memory');
	// Vite drops the branch, and with it the household in memory, from what is built.
	if (import.meta.env.DEV && wish !== null)
		return { host: (await import('./lib/host/memory')).memoryHost(wish) };
	const client = `web/${__VERSION__}`;
	const carrier = new Carrier(pageWorld(client, Shelf.open(indexedDB)));
	return { host: new TabsHost(new BrowserHost(client, carrier)), carrier };
}

async function main(): Promise<void> {
	const { host, carrier } = await chooseHost();
	const replica = new LocalReplica(host, pageEnv());
	const auth = new Auth(host, carrier, () => replica.unsaved);
	replica.subscribe((kinds) => {
		if (kinds.has('')) auth.follow(replica);
	});
	// Somebody has signed in in another tab: perhaps who was signed in here.
	window.addEventListener('storage', ({ key }) => {
		if (key === 'inglenook.signed-in' && replica.status.state === 'sign-in') replica.syncNow();
	});
	// What is neither sent nor kept ends with the page.
	window.addEventListener('beforeunload', (event) => {
		if (replica.unsaved > 0) event.preventDefault();
	});
	replica.start();
	const target = document.getElementById('app');
	if (!target) throw new Error('index.html has no #app');
	whenIdle(() => void prose.load()); // there for later, also without a network
	const props = { live: new Live(replica), api: replica.api, host, auth };
	mount(App, { target, props });
}

/** Safari has no idle callbacks. */
function whenIdle(fn: () => void): void {
	if ('requestIdleCallback' in window) requestIdleCallback(fn);
	else setTimeout(fn, 1000);
}

void main();
