import type { components } from '../api/gen/api';

type Schemas = components['schemas'];

/** How this tab stands with the server, as far as it knows. */
export type Standing =
	/** Nothing has been answered yet. */
	| { kind: 'unknown' }
	| { kind: 'in' }
	/** Somebody has proved who they are and has no account here yet: to register, or to wait for an admin. */
	| { kind: 'pending'; pending: Schemas['Pending'] }
	/** Nobody is signed in. The code says why, `session-missing` of a stranger; reason is the EndReason, where there was a session. */
	| { kind: 'out'; code: string; reason?: string }
	/** The device key is lost: one sign-in by the same person, through [Auth.rebind], and everything is as before. */
	| { kind: 'reverify' }
	/** Somebody else uses a copy of this session, which has therefore ended. What is here, and unsent, stays. */
	| { kind: 'taken'; at?: string; network?: string };

/** Somebody signed in on this browser or device. */
export interface Person {
	/** The device session. */
	id: number;
	/** The server's instance id. */
	instance: string;
	/** 0 as long as the session is pending. */
	userId: number;
	name: string;
	color: string;
	avatar?: string;
	/** How the session's key is kept: 0 there is none, 1 in software, 2 where nothing can read it. */
	level: number;
}

/** The codes of a session of which nothing comes back. */
export const over = /^session-(ended|expired|invalid|taken|missing)$/;
