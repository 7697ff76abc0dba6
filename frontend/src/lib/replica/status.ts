import type { Session, Status } from './types';

/** Where the line to the server stands. */
export type Phase = 'connecting' | 'online' | 'unreached' | 'sign-in';

export interface Standing {
	phase: Phase;
	/** Everything up to the head known when the line opened has been applied. */
	caughtUp: boolean;
	/** A batch is in flight. */
	busy: boolean;
	waiting: number;
	parked: number;
	here: number;
	there: number;
	server?: string | undefined;
	session?: Session | undefined;
	/** When the server was last heard, RFC 3339. */
	heard?: string | undefined;
}

/** The status a page without a bridge shows. */
export function statusOf(standing: Standing): Status {
	const { phase, caughtUp, busy, waiting, parked, here, there, server, session, heard } = standing;
	const household = session?.instance.household;
	return {
		state: stateOf(phase, caughtUp, busy, waiting),
		waiting,
		parked,
		here,
		there: Math.max(here, there),
		...(server === undefined ? {} : { server }),
		...(household === undefined ? {} : { household }),
		...(heard === undefined ? {} : { since: heard })
	};
}

function stateOf(phase: Phase, caughtUp: boolean, busy: boolean, waiting: number): Status['state'] {
	if (phase === 'sign-in' || phase === 'unreached') return phase;
	if (phase === 'connecting' || !caughtUp || busy) return 'syncing';
	return waiting > 0 ? 'waiting' : 'synced';
}
