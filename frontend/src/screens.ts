// The screens that the first paint of Today does not need.
import { Screen } from './lib/ui/screens.svelte';

export const screens = {
	account: new Screen(() => import('./pages/account/Account.svelte')),
	audit: new Screen(() => import('./pages/audit/Audit.svelte')),
	callback: new Screen(() => import('./pages/welcome/Callback.svelte')),
	devices: new Screen(() => import('./pages/devices/Devices.svelte')),
	more: new Screen(() => import('./pages/more/More.svelte')),
	notices: new Screen(() => import('./pages/devices/Notices.svelte')),
	parked: new Screen(() => import('./pages/parked/Parked.svelte')),
	people: new Screen(() => import('./pages/people/People.svelte')),
	requests: new Screen(() => import('./pages/requests/Requests.svelte')),
	settings: new Screen(() => import('./pages/settings/Settings.svelte')),
	trash: new Screen(() => import('./pages/trash/Trash.svelte')),
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

/** Brings, one after the other, whatever somebody who is signed in may go to, also without a network. */
export async function loadAhead(): Promise<void> {
	const { callback, welcome, ...wanted } = screens;
	void [callback, welcome];
	for (const screen of Object.values({ ...wanted, ...sheets })) await screen.load();
}
