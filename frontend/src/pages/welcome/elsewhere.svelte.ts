// Signing in at another site: a browser's page goes there, and a new one comes
// back; in the window it is the system's browser that goes, and the page waits.
import { ask } from '../../lib/api/api';
import type { components } from '../../lib/api/gen/api';
import { Problem } from '../../lib/api/problem';
import type { Host } from '../../lib/host/host';
import type { Begin, Begun, Login } from '../../lib/session/session';
import { leave, type Errand } from './elsewhere';

type Signin = components['schemas']['Signin'];

/** The bridge hears of the return at once; the page asks as often as one notices. */
const askEveryMs = 1000;

/** The first step of a method at a server that the window may join. */
export const beginAt = (host: Host, url: string) => (method: string, begin: Begin) =>
	ask<Begun>(host, 'POST', '/api/local/begin', { url, method, begin });

export class Elsewhere {
	#away = $state(false);

	constructor(private readonly host: Host) {}

	/** Somebody is in the system's browser, and the window waits. */
	get away(): boolean {
		return this.#away;
	}

	/** What the person brings back; undefined where the page has gone itself, or waits no longer. */
	async go({ url = '', state }: Begun, errand: Omit<Errand, 'state'>): Promise<Login | undefined> {
		if (this.host.kind !== 'desktop') {
			leave(url, { ...errand, state });
			return undefined;
		}
		this.host.openExternal(url);
		this.#away = true;
		try {
			while (this.#away) {
				const signin = await ask<Signin>(this.host, 'GET', '/api/local/signin');
				if (signin.state === 'back') return signin.login;
				if (signin.state !== 'away') throw problemOf(signin);
				await new Promise((resolve) => setTimeout(resolve, askEveryMs));
			}
			return undefined;
		} finally {
			this.#away = false;
		}
	}

	/** Waits no longer. */
	async stay(): Promise<void> {
		this.#away = false;
		await ask<void>(this.host, 'DELETE', '/api/local/signin');
	}
}

function problemOf({ problem }: Signin): Problem {
	return new Problem(problem?.status ?? 401, problem?.code ?? 'sign-in-failed', problem?.detail ?? '');
}
