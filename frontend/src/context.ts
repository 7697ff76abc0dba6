// What every screen has at hand.
import { createContext } from 'svelte';
import type { Api } from './lib/api/api';
import type { Host } from './lib/host/host';
import type { Live } from './lib/replica/live.svelte';
import type { Auth } from './lib/session/session';
import type { Who } from './lib/session/who.svelte';

export interface AppContext {
	live: Live;
	api: Api;
	host: Host;
	/** Asks the server about sessions; who tells of them, to be followed. */
	auth: Auth;
	who: Who;
	/** Opens the history of an entity beside the screen. */
	showHistory: (kind: string, id: number) => void;
	/** Opens the sign-in while everything else stays where it is. */
	signInAgain: () => void;
	/** Opens who is signed in here: to switch, to add somebody, to sign one out. */
	showPeopleHere: () => void;
}

export const [getApp, setApp] = createContext<AppContext>();
