// What every screen has at hand.
import { createContext } from 'svelte';
import type { Api } from './lib/api/api';
import type { Host } from './lib/host/host';
import type { Live } from './lib/replica/live.svelte';

export interface AppContext {
	live: Live;
	api: Api;
	host: Host;
	/** Opens the history of an entity beside the screen. */
	showHistory: (kind: string, id: number) => void;
	/** Opens the sign-in while everything else stays where it is. */
	signInAgain: () => void;
}

export const [getApp, setApp] = createContext<AppContext>();
