// The colours people and lists can have. Kept as hex so that every program can
// show them; tints are mixed from them, so text on them stays readable.

export const colours = [
	'#c8553d',
	'#d98a29',
	'#b59a1f',
	'#6f8f3a',
	'#2f8f6b',
	'#2b8a9c',
	'#3f6fb5',
	'#7659b0',
	'#b04f8f',
	'#8a6d5a'
] as const;

/** Whatever an entity says its colour is, as CSS can take it; the last one when it cannot. */
export function personColour(value: unknown): string {
	return typeof value === 'string' && CSS.supports('color', value) ? value : colours[9];
}

/** One that is not taken yet, else any in turn. */
export function freeColour(taken: readonly unknown[]): string {
	return (
		colours.find((colour) => !taken.includes(colour)) ?? colours[taken.length % colours.length] ?? colours[0]
	);
}
