import { mount } from 'svelte';
import App from './App.svelte';
import { prose } from './kinds/note/prose.svelte';
import { BrowserHost } from './lib/host/browser';
import { DesktopHost, inWindow } from './lib/host/desktop';
import type { Host } from './lib/host/host';
import { TabsHost } from './lib/host/tabs';
import { whenIdle } from './lib/idle';
import { pageEnv } from './lib/replica/env';
import { Live } from './lib/replica/live.svelte';
import { LocalReplica } from './lib/replica/replica';
import { Carrier } from './lib/session/carrier';
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
	const begun = location.hash;
	void import('./lib/session/place').then(
		({ rememberPlace }) => rememberPlace(host, auth, env.after, begun),
		() => {} // a server that is gone: places are remembered again by the next page
	);
	window.addEventListener('storage', ({ key }) => {
		if (key === 'inglenook.people') auth.peopleChanged();
		// Somebody has signed in in another tab: perhaps who was signed in here.
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
	mount(App, { target, props: { live: new Live(replica), api: replica.api, host, auth } });
}

void main();
