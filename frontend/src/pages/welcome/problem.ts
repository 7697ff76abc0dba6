import { Problem } from '../../lib/api/problem';
import { i18n } from '../../lib/i18n/i18n.svelte';

const minutes = (n: number) => `${n} ${n === 1 ? 'minute' : 'minutes'}`;
const minuten = (n: number) => `${n} ${n === 1 ? 'Minute' : 'Minuten'}`;

const en = {
	codes: {
		'sign-in-failed': 'That is not right. Check it and try again.',
		'method-off': 'This way to sign in is switched off.',
		'password-weak': 'Take a longer password, or one that is not so common: at least 8 characters.',
		'name-taken': 'Somebody here has this name already.',
		'rate-limited': 'Too many tries.',
		'sign-in-pending': 'Nobody has agreed yet.',
		'not-found': 'That code is not known, or has run out.',
		forbidden: 'You may not do that.',
		'last-method': 'One way to sign in has to stay.',
		'session-missing': 'Your sign-in has ended. Sign in again.',
		'step-up-required': 'Show first that it is you.',
		'cookie-refused':
			'You signed in, but this browser does not keep it. Allow cookies for this address and try again.',
		'passkey-cancelled': 'Nothing was chosen. Try it again, or another way.',
		'passkey-unknown': 'This passkey belongs to nobody here.',
		'too-large': 'That is too long.',
		invalid: 'Something in it does not fit.',
		unsent: 'Something is not sent yet, and only this page has it. Wait a moment, then switch.',
		'server-unreached': 'The server cannot be reached.',
		'last-admin': 'Somebody has to stay admin.',
		'data-changed': 'It is not what you have seen any more. Look again.'
	} as Record<string, string>,
	wait: (seconds: number) =>
		seconds > 90 ? `Try again in ${minutes(Math.ceil(seconds / 60))}.` : `Try again in ${seconds} s.`
};

const de: typeof en = {
	codes: {
		'sign-in-failed': 'Das stimmt nicht. Prüf es und versuch es noch einmal.',
		'method-off': 'Dieser Anmeldeweg ist ausgeschaltet.',
		'password-weak': 'Nimm ein längeres oder weniger übliches Passwort: mindestens 8 Zeichen.',
		'name-taken': 'Diesen Namen hat hier schon jemand.',
		'rate-limited': 'Zu viele Versuche.',
		'sign-in-pending': 'Noch hat niemand zugestimmt.',
		'not-found': 'Diesen Code gibt es nicht, oder er ist abgelaufen.',
		forbidden: 'Das darfst du nicht.',
		'last-method': 'Ein Anmeldeweg muss bleiben.',
		'session-missing': 'Deine Anmeldung ist zu Ende. Melde dich neu an.',
		'step-up-required': 'Zeig erst, dass du es bist.',
		'cookie-refused':
			'Du bist angemeldet, aber dieser Browser merkt es sich nicht. Erlaube Cookies für diese Adresse und versuch es noch einmal.',
		'passkey-cancelled': 'Es wurde nichts ausgewählt. Versuch es noch einmal oder auf einem anderen Weg.',
		'passkey-unknown': 'Dieser Passkey gehört hier niemandem.',
		'too-large': 'Das ist zu lang.',
		invalid: 'Etwas daran passt nicht.',
		unsent: 'Etwas ist noch nicht gesendet, und nur diese Seite hat es. Warte kurz und wechsle dann.',
		'server-unreached': 'Der Server ist nicht erreichbar.',
		'last-admin': 'Jemand muss den Haushalt verwalten.',
		'data-changed': 'Es ist nicht mehr, was du gesehen hast. Sieh noch einmal nach.'
	},
	wait: (seconds) =>
		seconds > 90
			? `Versuch es in ${minuten(Math.ceil(seconds / 60))} wieder.`
			: `Versuch es in ${seconds} s wieder.`
};

const words = { en, de };

/** What went wrong, for the person at the door. */
export function inWords(problem: unknown): string {
	const w = words[i18n.language];
	// The browser's own word for a passkey that was not chosen, or is not there.
	if (problem instanceof DOMException) return w.codes['passkey-cancelled']!;
	if (!(problem instanceof Problem)) return i18n.t.error.unknown;
	if (problem.code === 'unreached') return i18n.t.error.unreachable;
	const text = w.codes[problem.code] ?? problem.message;
	const seconds = Math.ceil((problem.retryAfterMs ?? 0) / 1000);
	return seconds > 0 ? `${text} ${w.wait(seconds)}` : text;
}
