// What the screens before the household say. It comes with them, not with the
// page: who is signed in needs none of it.

const minutes = (n: number) => `${n} ${n === 1 ? 'minute' : 'minutes'}`;
const minuten = (n: number) => `${n} ${n === 1 ? 'Minute' : 'Minuten'}`;

const en = {
	tagline: 'The warm corner of the household: what is on, what is needed, who does what.',
	start: 'Start a household here',
	startText: 'This computer keeps everything. The others join it.',
	join: 'Join one',
	joinText: 'There is already a household on another computer or a server.',
	look: 'Just look',
	lookText: 'A sample family, to try everything. Nothing of it is yours.',
	household: 'Name of the household',
	householdHint: 'The Millers',
	name: 'Your name',
	nameHint: 'Anna',
	password: 'Password',
	passwordNew: 'At least 8 characters. Several words in a row are easier to keep than one with symbols.',
	passwordLater: 'For signing in from other devices; may come later.',
	setUpCode: 'Set-up code',
	setUpCodeHint: 'The server printed it when it started.',
	address: 'Address',
	addressHint: 'http://192.168.1.20:7420',
	addressText: 'The other computer shows it under Sync status.',
	next: 'Next',
	go: 'Start',
	signIn: 'Sign in',
	signInTo: (household: string) => `Sign in to ${household}`,
	setUp: 'Set up the household',
	setUpText: 'Nobody lives here yet. The first person becomes its admin.',
	whoAreYou: 'Who are you?',
	demoText: 'A sample household. Choose anybody; you can change everything.',
	plain: 'This connection is not encrypted. Fine at home, not on the open internet.',
	again: 'Sign in again',
	againText: 'Your changes wait on this device and go out after that.',
	addPerson: 'Sign in as well',
	addPersonText: 'Who is signed in here already stays so.',
	otherWays: 'Other ways',
	none: 'This server lets nobody sign in right now. Whoever runs it can switch a method on.',
	/** Why somebody who was signed in is not any more. */
	out: {
		expired: 'You were away for long, so your sign-in has ended. What is here, stays.',
		revoked: 'This device was signed out from another one.',
		'password-changed': 'Your password was changed on another device. Sign in with the new one.',
		'user-removed': 'You do not belong to this household any more.',
		restored: 'The server went back to an older state. Please sign in again.'
	} as Record<string, string>,
	// Each way
	passkey: 'Sign in with a passkey',
	provider: (title: string) => `Continue with ${title}`,
	otherDevice: 'With another device',
	invited: 'I have an invitation',
	recover: 'With a recovery code',
	away: 'Go on in your browser. This window waits for you.',
	// Pairing
	pairTitle: 'Let in by another device',
	pairText:
		'On a phone or computer that is already signed in, scan this picture or type the code under Devices.',
	pairCode: 'Code',
	pairWaits: 'Waiting for the other device …',
	pairOver: 'The code has run out.',
	pairRefused: 'The other device said no.',
	pairAgain: 'New code',
	pairPicture: 'The same code as a picture for a camera',
	pairGood: (n: number) => `Good for ${minutes(n)}.`,
	// Invitation and recovery
	invitation: 'Invitation code',
	invitationHint: 'Whoever invited you has it, as a link or as letters.',
	invitationText:
		'Choose a name and a password: with them you sign in from now on. If you have been here before, the code is enough.',
	invitationGo: 'Come in',
	recovery: 'Recovery code',
	recoveryHint: 'One of the ten that you printed or kept. Each works once.',
	// After another site
	finishing: 'Signing you in …',
	turnedBack: 'That did not work',
	turnedBackText:
		'The other site did not say who you are. Nothing has changed here. Try it again, or another way.',
	goOn: 'Go on',
	verified: 'Thank you. Now do it once more.',
	methodAdded: 'It is added to your ways to sign in.',
	// Nobody of the household yet
	welcome: (name: string) => (name ? `Hello, ${name}` : 'Hello'),
	unknownText: (household: string) =>
		`You have proved who you are. In ${household} nobody knows you yet: bring an invitation, or ask to be let in.`,
	how: 'How do you come in?',
	withInvitation: 'By invitation',
	byAsking: 'I ask',
	ask: 'Ask to be let in',
	asked: 'Waiting to be let in',
	askedText: (household: string) =>
		`An admin of ${household} sees your request under People. This page goes on by itself as soon as you are let in.`,
	askedFor: (n: number) => `Your sign-in is kept for another ${minutes(n)}.`,
	askedDays: 'You can close this page and come back later in this browser.',
	haveCode: 'I have an invitation after all',
	refused: 'You were not let in',
	refusedText: 'An admin has declined, or it took too long. You can sign in and ask again.',
	leave: 'Leave',
	// The device key is lost
	reverify: 'Is it you?',
	reverifyText:
		'This device has lost the key that your sign-in was bound to; that happens when site data are cleared. Show once that it is you. Everything here stays.',
	// Taken
	taken: 'Your session was taken',
	takenText: (when: string, network: string) =>
		`Somebody else went on with your sign-in on this device${when ? `, since ${when}` : ''}${network ? `, from the network ${network}` : ''}. It has been ended, here and there.`,
	takenHere: 'What you wrote here is still here and goes out after you have signed in again.',
	takenDo: 'What to do',
	takenSteps: [
		'Sign in again here.',
		'Look through your devices and end what you do not know.',
		'Change your password, if you have one.',
		'Look at the history: everything that was changed can be put back.'
	],
	takenSeen: 'Sign in again',
	later: 'Later'
};

const de: typeof en = {
	tagline: 'Die warme Ecke im Haus: was ansteht, was fehlt, wer was macht.',
	start: 'Hier einen Haushalt anlegen',
	startText: 'Dieser Rechner bewahrt alles auf. Die anderen treten bei.',
	join: 'Einem beitreten',
	joinText: 'Es gibt schon einen Haushalt auf einem anderen Rechner oder einem Server.',
	look: 'Nur umsehen',
	lookText: 'Eine Beispielfamilie, um alles zu probieren. Nichts davon ist deins.',
	household: 'Name des Haushalts',
	householdHint: 'Familie Lindner',
	name: 'Dein Name',
	nameHint: 'Anna',
	password: 'Passwort',
	passwordNew:
		'Mindestens 8 Zeichen. Mehrere Wörter hintereinander merkt man sich leichter als Sonderzeichen.',
	passwordLater: 'Zum Anmelden von anderen Geräten; geht auch später.',
	setUpCode: 'Einrichtungscode',
	setUpCodeHint: 'Der Server hat ihn beim Start ausgegeben.',
	address: 'Adresse',
	addressHint: 'http://192.168.1.20:7420',
	addressText: 'Der andere Rechner zeigt sie unter „Stand der Dinge“.',
	next: 'Weiter',
	go: 'Los geht’s',
	signIn: 'Anmelden',
	signInTo: (household) => `Bei „${household}“ anmelden`,
	setUp: 'Haushalt einrichten',
	setUpText: 'Hier wohnt noch niemand. Die erste Person verwaltet den Haushalt.',
	whoAreYou: 'Wer bist du?',
	demoText: 'Ein Beispielhaushalt. Such dir jemanden aus; du darfst alles ändern.',
	plain: 'Diese Verbindung ist nicht verschlüsselt. Zu Hause in Ordnung, im offenen Internet nicht.',
	again: 'Neu anmelden',
	againText: 'Deine Änderungen warten auf diesem Gerät und gehen danach raus.',
	addPerson: 'Dazu anmelden',
	addPersonText: 'Wer hier schon angemeldet ist, bleibt es.',
	otherWays: 'Andere Wege',
	none: 'Dieser Server lässt gerade niemanden herein. Wer ihn betreibt, kann einen Anmeldeweg einschalten.',
	out: {
		expired: 'Du warst lange weg, darum ist deine Anmeldung zu Ende. Was hier ist, bleibt.',
		revoked: 'Dieses Gerät wurde von einem anderen abgemeldet.',
		'password-changed': 'Dein Passwort wurde auf einem anderen Gerät geändert. Melde dich mit dem neuen an.',
		'user-removed': 'Du gehörst nicht mehr zu diesem Haushalt.',
		restored: 'Der Server ist auf einem älteren Stand. Bitte melde dich neu an.'
	},
	passkey: 'Mit Passkey anmelden',
	provider: (title) => `Weiter mit ${title}`,
	otherDevice: 'Mit einem anderen Gerät',
	invited: 'Ich habe eine Einladung',
	recover: 'Mit einem Ersatzcode',
	away: 'Mach in deinem Browser weiter. Dieses Fenster wartet auf dich.',
	pairTitle: 'Von einem anderen Gerät hereingelassen',
	pairText:
		'Scanne dieses Bild auf einem Telefon oder Rechner, der schon angemeldet ist, oder tippe dort den Code unter „Geräte“ ein.',
	pairCode: 'Code',
	pairWaits: 'Warten auf das andere Gerät …',
	pairOver: 'Der Code ist abgelaufen.',
	pairRefused: 'Das andere Gerät hat abgelehnt.',
	pairAgain: 'Neuer Code',
	pairPicture: 'Derselbe Code als Bild für eine Kamera',
	pairGood: (n) => `Gilt noch ${minuten(n)}.`,
	invitation: 'Einladungscode',
	invitationHint: 'Wer dich eingeladen hat, hat ihn als Link oder als Buchstaben.',
	invitationText:
		'Such dir einen Namen und ein Passwort aus: Damit meldest du dich künftig an. Warst du schon einmal hier, genügt der Code.',
	invitationGo: 'Hereinkommen',
	recovery: 'Ersatzcode',
	recoveryHint: 'Einer der zehn, die du gedruckt oder aufgehoben hast. Jeder gilt einmal.',
	finishing: 'Du wirst angemeldet …',
	turnedBack: 'Das hat nicht geklappt',
	turnedBackText:
		'Die andere Seite hat nicht gesagt, wer du bist. Hier hat sich nichts geändert. Versuch es noch einmal oder auf einem anderen Weg.',
	goOn: 'Weiter',
	verified: 'Danke. Jetzt noch einmal.',
	methodAdded: 'Es gehört jetzt zu deinen Anmeldewegen.',
	welcome: (name) => (name ? `Hallo, ${name}` : 'Hallo'),
	unknownText: (household) =>
		`Du hast gezeigt, wer du bist. Bei „${household}“ kennt dich noch niemand: Bring eine Einladung mit, oder bitte um Einlass.`,
	how: 'Wie kommst du herein?',
	withInvitation: 'Mit Einladung',
	byAsking: 'Ich frage',
	ask: 'Um Einlass bitten',
	asked: 'Warten auf Einlass',
	askedText: (household) =>
		`Wer „${household}“ verwaltet, sieht deine Anfrage unter „Personen“. Diese Seite geht von selbst weiter, sobald du hereingelassen wirst.`,
	askedFor: (n) => `Deine Anmeldung wird noch ${minuten(n)} aufgehoben.`,
	askedDays: 'Du kannst diese Seite schließen und später in diesem Browser wiederkommen.',
	haveCode: 'Ich habe doch eine Einladung',
	refused: 'Du wurdest nicht hereingelassen',
	refusedText: 'Jemand hat abgelehnt, oder es hat zu lange gedauert. Du kannst dich anmelden und neu fragen.',
	leave: 'Gehen',
	reverify: 'Bist du es?',
	reverifyText:
		'Dieses Gerät hat den Schlüssel verloren, an den deine Anmeldung gebunden war; das passiert, wenn Websitedaten gelöscht werden. Zeig einmal, dass du es bist. Alles hier bleibt, wie es ist.',
	taken: 'Deine Sitzung wurde übernommen',
	takenText: (when, network) =>
		`Jemand anderes hat mit deiner Anmeldung auf diesem Gerät weitergemacht${when ? `, seit ${when}` : ''}${network ? `, aus dem Netz ${network}` : ''}. Sie ist beendet, hier und dort.`,
	takenHere: 'Was du hier geschrieben hast, ist noch da und geht raus, wenn du dich neu angemeldet hast.',
	takenDo: 'Was zu tun ist',
	takenSteps: [
		'Melde dich hier neu an.',
		'Sieh deine Geräte durch und beende, was du nicht kennst.',
		'Ändere dein Passwort, wenn du eines hast.',
		'Sieh in den Verlauf: Alles, was geändert wurde, lässt sich zurückholen.'
	],
	takenSeen: 'Neu anmelden',
	later: 'Später'
};

export const words = { en, de };
