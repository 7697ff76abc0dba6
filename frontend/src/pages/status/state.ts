// The status in words and in one of four tones.
import type { Messages } from '../../lib/i18n/en';
import type { Status } from '../../lib/replica/types';

export type Tone = 'good' | 'busy' | 'warn' | 'away';

export function toneOf(status: Status): Tone {
	if (status.parked > 0 || status.state === 'sign-in') return 'warn';
	if (status.state === 'unreached') return 'away';
	return status.state === 'synced' ? 'good' : 'busy';
}

/** since: when the server was last reached, as people say it. */
export function inWords(status: Status, t: Messages['status'], since: string | undefined): string {
	if (status.parked > 0) return t.parked(status.parked);
	switch (status.state) {
		case 'none':
			return t.none;
		case 'sign-in':
			return t.signIn;
		case 'unreached':
			return since ? t.unreached(since) : t.unreachedShort;
		case 'waiting':
			return status.waiting > 0 ? t.waiting(status.waiting) : t.syncing;
		case 'syncing':
			return status.waiting > 0 ? t.waiting(status.waiting) : t.syncing;
		case 'synced':
			return t.synced;
	}
}
