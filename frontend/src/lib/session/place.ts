// Where the page was last, remembered by its session. Loaded when the page is up.
import type { Host } from '../host/host';
import { Memory } from './remembered';
import type { Auth } from './session';

/** What one comes back from somewhere else with is no place to return to. */
const passing = /^#\/(callback|join)|^#tg/;

/** Remembers every place the page goes to. A page opened without one (begun is its hash) goes where the last one was. */
export function rememberPlace(
	host: Host,
	auth: Auth,
	after: (ms: number, fn: () => void) => () => void,
	begun: string
): void {
	const memory = new Memory(host, after);
	let returns = begun === '' && location.hash === '';
	memory.subscribe(() => {
		const place = memory.get('place');
		if (returns && place?.startsWith('#/')) location.replace(place);
		returns = false;
	});
	addEventListener('hashchange', () => {
		returns = false;
		if (auth.standing.kind === 'in' && !passing.test(location.hash)) memory.set('place', location.hash);
	});
	const look = () => {
		if (auth.standing.kind === 'in' && auth.session) void memory.heard(auth.session.dataChecksum);
	};
	auth.subscribe(look);
	look();
}
