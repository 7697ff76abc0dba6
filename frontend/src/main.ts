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

async function chooseHost(): Promise<Host> {
	if (inWindow()) return new DesktopHost();
	const wish = new URLSearchParams(location.search).get('memory');
	// Vite drops the branch, and with it the household in memory, from what is built.
	if (import.meta.env.DEV && wish !== null) return (await import('./lib/host/memory')).memoryHost(wish);
	return new TabsHost(new BrowserHost(`web/${__VERSION__}`));
}

async function main(): Promise<void> {
	const host = await chooseHost();
	const replica = new LocalReplica(host, pageEnv());
	// In a browser what is unsent or was not taken lives as long as the page.
	window.addEventListener('beforeunload', (event) => {
		if (replica.unsaved > 0) event.preventDefault();
	});
	replica.start();
	const target = document.getElementById('app');
	if (!target) throw new Error('index.html has no #app');
	whenIdle(() => void prose.load()); // there for later, also without a network
	mount(App, { target, props: { live: new Live(replica), api: replica.api, host } });
}

/** Safari has no idle callbacks. */
function whenIdle(fn: () => void): void {
	if ('requestIdleCallback' in window) requestIdleCallback(fn);
	else setTimeout(fn, 1000);
}

void main();
