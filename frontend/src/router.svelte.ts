// Where one is: the hash of the address, so that every screen has one and the
// browser's back button works in the window and in the browser alike.
import { createSubscriber } from 'svelte/reactivity';

export type Route =
	| { screen: 'today' }
	| { screen: 'agenda'; day?: string }
	| { screen: 'lists' }
	| { screen: 'archive' }
	| { screen: 'list'; id: number }
	| { screen: 'notes' }
	| { screen: 'note'; id: number }
	| { screen: 'people' }
	| { screen: 'trash' }
	| { screen: 'parked' }
	/** code: of a device that wants to be let in. */
	| { screen: 'devices'; code?: string }
	| { screen: 'account' }
	| { screen: 'requests' }
	| { screen: 'audit' }
	| { screen: 'settings' }
	/** An invitation's link. */
	| { screen: 'join'; code: string }
	/** Back from a sign-in on another site; answer is the query it says it in. */
	| { screen: 'callback'; method: string; answer: string }
	| { screen: 'more' }
	| { screen: 'nowhere' };

/** Screens that stand in the navigation, in its order; the letter follows g. */
export const destinations = [
	{ screen: 'today', path: '#/', key: 't' },
	{ screen: 'agenda', path: '#/agenda', key: 'a' },
	{ screen: 'lists', path: '#/lists', key: 'l' },
	{ screen: 'notes', path: '#/notes', key: 'n' },
	{ screen: 'people', path: '#/people', key: 'p' },
	{ screen: 'trash', path: '#/trash', key: 'x' },
	{ screen: 'devices', path: '#/devices', key: 'd' },
	{ screen: 'settings', path: '#/settings', key: 's' }
] as const;
export type Destination = (typeof destinations)[number]['screen'];

const telegram = '#tgAuthResult=';

/** Codes are letters and digits, perhaps in groups. */
const codeForm = /^[\w-]{1,64}$/;

export function parseHash(hash: string): Route {
	// Telegram comes back to an address without a hash and puts its own there.
	if (hash.startsWith(telegram)) {
		const answer = `telegram=${encodeURIComponent(hash.slice(telegram.length))}`;
		return { screen: 'callback', method: 'telegram', answer };
	}
	const [path = '', query] = hash.replace(/^#?\/?/, '').split('?', 2);
	const [screen = '', arg, ...rest] = path.split('/');
	const id = arg !== undefined && /^\d{1,16}$/.test(arg) ? Number(arg) : undefined;
	if (rest.length) return { screen: 'nowhere' };
	switch (screen) {
		case '':
			return { screen: 'today' };
		case 'agenda':
			return { screen: 'agenda', day: arg && /^\d{4}-\d\d-\d\d$/.test(arg) ? arg : undefined };
		case 'lists':
			if (arg === 'archive') return { screen: 'archive' };
			return arg === undefined ? { screen: 'lists' } : id ? { screen: 'list', id } : { screen: 'nowhere' };
		case 'notes':
			return arg === undefined ? { screen: 'notes' } : id ? { screen: 'note', id } : { screen: 'nowhere' };
		case 'pair':
			return arg && codeForm.test(arg) ? { screen: 'devices', code: arg } : { screen: 'nowhere' };
		case 'join':
			return arg && codeForm.test(arg) ? { screen, code: arg } : { screen: 'nowhere' };
		case 'callback':
			return arg ? { screen, method: arg, answer: query ?? '' } : { screen: 'nowhere' };
		case 'people':
		case 'trash':
		case 'parked':
		case 'devices':
		case 'account':
		case 'requests':
		case 'audit':
		case 'settings':
		case 'more':
			return arg === undefined ? { screen } : { screen: 'nowhere' };
		default:
			return { screen: 'nowhere' };
	}
}

/** Which destination of the navigation a route belongs to. */
export function destinationOf(route: Route): Destination | undefined {
	switch (route.screen) {
		case 'list':
		case 'archive':
			return 'lists';
		case 'note':
			return 'notes';
		case 'requests':
			return 'people';
		case 'account':
		case 'audit':
			return 'settings';
		case 'parked':
		case 'more':
		case 'join':
		case 'callback':
		case 'nowhere':
			return undefined;
		default:
			return route.screen;
	}
}

class Router {
	#follow = createSubscriber((update) => {
		addEventListener('hashchange', update);
		return () => removeEventListener('hashchange', update);
	});

	get route(): Route {
		this.#follow();
		return parseHash(location.hash);
	}

	go(hash: string): void {
		location.hash = hash;
	}

	/** Goes there without a step for the back button: the place left is gone. */
	replace(hash: string): void {
		history.replaceState(null, '', hash);
		dispatchEvent(new HashChangeEvent('hashchange'));
	}
}

export const router = new Router();
