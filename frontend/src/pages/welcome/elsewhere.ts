// A sign-in that goes on at another site and comes back to #/callback/<method>.
// The page is a new one then, so what it was for is kept meanwhile.
import type { Login, Method } from '../../lib/session/session';

/** login and add: somebody signs in; rebind, verify: somebody shows once more who they are; method: one more way to sign in. */
export type Purpose = 'login' | 'add' | 'rebind' | 'verify' | 'method';

export interface Errand {
	method: string;
	purpose: Purpose;
	/** The hash to go on at. */
	back: string;
	/** What the server has to see again. */
	state?: string | undefined;
}

const store = 'inglenook.errand';

/** Methods that go on at another site. Telegram comes back to a page only, never to a window. */
export const elsewhereOf = (methods: readonly Method[], inWindow: boolean): Method[] =>
	methods.filter(({ kind }) => kind === 'oidc' || (kind === 'telegram' && !inWindow));

/** As people know the other site. */
export const titleOf = ({ kind, name, title }: Method): string =>
	title ?? (kind === 'telegram' ? 'Telegram' : name);

/** Goes there. This tab alone knows why. */
export function leave(url: string, errand: Errand): void {
	try {
		sessionStorage.setItem(store, JSON.stringify(errand));
	} catch {
		// Without it the way back is taken for a plain sign-in.
	}
	location.assign(url);
}

/** What the page left for, once. */
export function comeBack(method: string): Errand {
	try {
		const errand = JSON.parse(sessionStorage.getItem(store) ?? '') as Errand;
		sessionStorage.removeItem(store);
		if (errand.method === method) return errand;
	} catch {
		// It came back into another tab.
	}
	return { method, purpose: 'login', back: '#/' };
}

/** What the other site answers, as the body of a login; undefined when it turned the person away. */
export function loginOf(answer: string, { state }: Errand): Login | undefined {
	const said = new URLSearchParams(answer);
	const code = said.get('code');
	const telegram = said.get('telegram');
	try {
		if (telegram) return { telegram: fieldsOf(telegram), ...(state && { state }) };
	} catch {
		return undefined; // not what Telegram says
	}
	return code ? { code, state: said.get('state') ?? '' } : undefined;
}

/** Telegram's fields come as base64url of JSON, numbers among them. */
function fieldsOf(base64url: string): Record<string, string> {
	const bytes = Uint8Array.from(atob(base64url.replace(/-/g, '+').replace(/_/g, '/')), (c) =>
		c.charCodeAt(0)
	);
	const fields = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string | number>;
	return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}
