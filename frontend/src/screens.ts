// The screens that the first paint of Today does not need. Small ones that somebody
// without a network looks for are part of the page; the others come ahead when it is idle.
import { Screen } from './lib/ui/screens.svelte';
import More from './pages/more/More.svelte';
import Parked from './pages/parked/Parked.svelte';
import Settings from './pages/settings/Settings.svelte';
import Trash from './pages/trash/Trash.svelte';

export const screens = {
	account: new Screen(() => import('./pages/account/Account.svelte')),
	audit: new Screen(() => import('./pages/audit/Audit.svelte')),
	callback: new Screen(() => import('./pages/welcome/Callback.svelte')),
	devices: new Screen(() => import('./pages/devices/Devices.svelte')),
	more: new Screen(() => Promise.resolve({ default: More })),
	notices: new Screen(() => import('./pages/devices/Notices.svelte')),
	parked: new Screen(() => Promise.resolve({ default: Parked })),
	people: new Screen(() => import('./pages/people/People.svelte')),
	requests: new Screen(() => import('./pages/requests/Requests.svelte')),
	settings: new Screen(() => Promise.resolve({ default: Settings })),
	trash: new Screen(() => Promise.resolve({ default: Trash })),
	welcome: new Screen(() => import('./pages/welcome/Welcome.svelte'))
};

/** What opens over a screen. */
export const sheets = {
	add: new Screen(() => import('./pages/welcome/AddSheet.svelte')),
	again: new Screen(() => import('./pages/welcome/AgainSheet.svelte')),
	history: new Screen(() => import('./pages/history/HistorySheet.svelte')),
	peopleHere: new Screen(() => import('./pages/people/HereSheet.svelte')),
	reverify: new Screen(() => import('./pages/welcome/ReverifySheet.svelte')),
	taken: new Screen(() => import('./pages/welcome/TakenSheet.svelte'))
};

/** Brings whatever somebody who is signed in may go to, also without a network. */
export async function loadAhead(): Promise<void> {
	const { callback, welcome, ...wanted } = screens;
	void [callback, welcome];
	await Promise.all(Object.values({ ...wanted, ...sheets }).map((screen) => screen.load()));
}
