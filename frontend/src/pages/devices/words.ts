// What the devices and the notices say; it comes with them.

const times = (n: number) => (n > 1 ? ` (${n} times)` : '');
const male = (n: number) => (n > 1 ? ` (${n}-mal)` : '');

const en = {
	title: 'Devices',
	text: 'Where you are signed in. End what you do not know.',
	this: 'this device',
	kinds: { browser: 'Browser', desktop: 'Desktop program', token: 'Script with a token' } as Record<
		string,
		string
	>,
	levels: [
		'No key: whoever copies the sign-in has it',
		'Key in a file of this device',
		'Key that cannot leave the device'
	],
	latest: 'Last visit',
	previous: 'The one before',
	first: 'First visit',
	network: 'Network',
	key: 'Key',
	version: 'Version',
	details: 'Visits and key',
	rename: 'Rename',
	renameOf: (name: string) => `Rename ${name}`,
	name: 'Name of the device',
	renamed: (name: string) => `It is called “${name}” now`,
	end: 'Sign out',
	endOf: (name: string) => `Sign out ${name}`,
	endSure: (name: string) => `Sign out “${name}” now?`,
	endText: 'It shows the sign-in at once. What it had not sent yet stays there.',
	ended: (name: string) => `“${name}” is signed out`,
	endOthers: 'Sign out all others',
	endOthersSure: (n: number) => `Sign out ${n === 1 ? 'the other device' : `the other ${n} devices`}?`,
	endedOthers: 'All others are signed out',
	only: 'Only this device',
	onlyText: 'Sign in on a phone or another computer, and it appears here.',
	unreached: 'The list of devices is kept on the server, which cannot be reached right now.',
	// Pairing
	letIn: 'Let a device in',
	letInText: 'A new phone or computer shows a code of eight letters at its sign-in. Type it here.',
	code: 'Code of the new device',
	codeShort: 'Code',
	look: 'Next',
	isIt: 'Is this the device in front of you?',
	isItText: 'If you let it in, it can do everything that you can. Only you should be asking.',
	device: 'Device',
	since: 'Asked',
	approve: 'Let it in',
	refuse: 'No, refuse',
	approved: (device: string) => `“${device}” is in`,
	refusedDevice: 'Refused',
	unknownCode: 'No device shows this code. Compare it letter by letter; it lasts ten minutes.',
	// Notices
	notices: 'Worth knowing',
	seen: 'Got it',
	toDevices: 'See my devices',
	toAccount: 'See how I sign in',
	toRequests: 'See the request',
	toHistory: 'See what was changed',
	notice: {
		taken: {
			title: (device: string) => `The session of “${device}” was taken`,
			text: 'Somebody else went on with it; it has been ended. Sign out what you do not know, and change your password if you have one. Whatever was changed can be put back.'
		},
		'maybe-taken': {
			title: () => 'This sign-in was picked up again',
			text: 'That happens after a crash or a full disk. If nothing of the kind happened here, somebody may have copied it: sign out all others.'
		},
		denied: {
			title: (device: string) => `Somebody tried to go on as “${device}” without its key`,
			text: 'It was another device, and it got nothing. If it was not you, look through your devices.'
		},
		rebound: {
			title: (device: string) => `“${device}” has a new key`,
			text: 'Its old one was lost, and somebody showed that it is you. If it was not you, sign it out.'
		},
		'join-request': {
			title: (device: string) => (device ? `“${device}” asks to be let in` : 'Somebody asks to be let in'),
			text: 'Let in only whom you know.'
		},
		'method-added': {
			title: () => 'You have a new way to sign in',
			text: 'If it was not you who added it, remove it and sign out all others.'
		},
		'method-removed': {
			title: () => 'A way to sign in was removed',
			text: 'If it was not you, sign out all others and look at how you can sign in.'
		},
		invited: {
			title: (device: string) =>
				device
					? `Somebody came in as you with an invitation: “${device}”`
					: 'Somebody came in as you with an invitation',
			text: 'An admin had made it for you. If it was not you, sign that device out and talk to your admins.'
		}
	} as Record<string, { title: (device: string) => string; text: string }>,
	aDevice: 'a device',
	when: (at: string, network: string, n: number) =>
		`${at}${network ? ` · network ${network}` : ''}${times(n)}`
};

const de: typeof en = {
	title: 'Geräte',
	text: 'Wo du angemeldet bist. Beende, was du nicht kennst.',
	this: 'dieses Gerät',
	kinds: { browser: 'Browser', desktop: 'Programm auf dem Rechner', token: 'Skript mit Token' },
	levels: [
		'Kein Schlüssel: Wer die Anmeldung kopiert, hat sie',
		'Schlüssel in einer Datei dieses Geräts',
		'Schlüssel, der das Gerät nicht verlassen kann'
	],
	latest: 'Letzter Besuch',
	previous: 'Der davor',
	first: 'Erster Besuch',
	network: 'Netz',
	key: 'Schlüssel',
	version: 'Version',
	details: 'Besuche und Schlüssel',
	rename: 'Umbenennen',
	renameOf: (name) => `${name} umbenennen`,
	name: 'Name des Geräts',
	renamed: (name) => `Es heißt jetzt „${name}“`,
	end: 'Abmelden',
	endOf: (name) => `${name} abmelden`,
	endSure: (name) => `„${name}“ jetzt abmelden?`,
	endText: 'Es zeigt sofort die Anmeldung. Was es noch nicht gesendet hat, bleibt dort.',
	ended: (name) => `„${name}“ ist abgemeldet`,
	endOthers: 'Alle anderen abmelden',
	endOthersSure: (n) => (n === 1 ? 'Das andere Gerät abmelden?' : `Die anderen ${n} Geräte abmelden?`),
	endedOthers: 'Alle anderen sind abgemeldet',
	only: 'Nur dieses Gerät',
	onlyText: 'Melde dich auf einem Telefon oder einem anderen Rechner an, dann steht es hier.',
	unreached: 'Die Geräteliste liegt auf dem Server, der gerade nicht erreichbar ist.',
	letIn: 'Ein Gerät hereinlassen',
	letInText:
		'Ein neues Telefon oder ein neuer Rechner zeigt bei der Anmeldung acht Buchstaben. Tippe sie hier ein.',
	code: 'Code des neuen Geräts',
	codeShort: 'Code',
	look: 'Weiter',
	isIt: 'Ist das das Gerät vor dir?',
	isItText: 'Wenn du es hereinlässt, kann es alles, was du kannst. Niemand außer dir sollte darum bitten.',
	device: 'Gerät',
	since: 'Gefragt',
	approve: 'Hereinlassen',
	refuse: 'Nein, ablehnen',
	approved: (device) => `„${device}“ ist angemeldet`,
	refusedDevice: 'Abgelehnt',
	unknownCode: 'Kein Gerät zeigt diesen Code. Vergleiche Buchstabe für Buchstabe; er gilt zehn Minuten.',
	notices: 'Gut zu wissen',
	seen: 'Verstanden',
	toDevices: 'Meine Geräte ansehen',
	toAccount: 'Meine Anmeldewege ansehen',
	toRequests: 'Die Anfrage ansehen',
	toHistory: 'Ansehen, was geändert wurde',
	notice: {
		taken: {
			title: (device) => `Die Sitzung von „${device}“ wurde übernommen`,
			text: 'Jemand anderes hat damit weitergemacht; sie ist beendet. Melde ab, was du nicht kennst, und ändere dein Passwort, wenn du eines hast. Was geändert wurde, lässt sich zurückholen.'
		},
		'maybe-taken': {
			title: () => 'Diese Anmeldung wurde wieder aufgenommen',
			text: 'Das passiert nach einem Absturz oder bei voller Platte. War hier nichts dergleichen, hat sie vielleicht jemand kopiert: Melde alle anderen ab.'
		},
		denied: {
			title: (device) => `Jemand wollte ohne den Schlüssel als „${device}“ weitermachen`,
			text: 'Es war ein anderes Gerät, und es bekam nichts. Wenn du das nicht warst, sieh deine Geräte durch.'
		},
		rebound: {
			title: (device) => `„${device}“ hat einen neuen Schlüssel`,
			text: 'Der alte ging verloren, und jemand hat sich als du ausgewiesen. Wenn du das nicht warst, melde es ab.'
		},
		'join-request': {
			title: (device) => (device ? `„${device}“ bittet um Einlass` : 'Jemand bittet um Einlass'),
			text: 'Lass nur herein, wen du kennst.'
		},
		'method-added': {
			title: () => 'Du hast einen neuen Anmeldeweg',
			text: 'Wenn du ihn nicht hinzugefügt hast, entferne ihn und melde alle anderen ab.'
		},
		'method-removed': {
			title: () => 'Ein Anmeldeweg wurde entfernt',
			text: 'Wenn du das nicht warst, melde alle anderen ab und sieh nach, wie du dich anmelden kannst.'
		},
		invited: {
			title: (device) =>
				device
					? `Jemand kam mit einer Einladung als du herein: „${device}“`
					: 'Jemand kam mit einer Einladung als du herein',
			text: 'Sie war von jemandem, der hier verwaltet, für dich gemacht. Wenn du das nicht warst, melde das Gerät ab und frag nach.'
		}
	},
	aDevice: 'ein Gerät',
	when: (at, network, n) => `${at}${network ? ` · Netz ${network}` : ''}${male(n)}`
};

export const words = { en, de };
