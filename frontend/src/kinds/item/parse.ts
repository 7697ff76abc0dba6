// One line or many, as people write and paste them: 'milk, 2 kg flour, eggs'.

export interface Written {
	title: string;
	quantity?: number;
	unit?: string;
}

// What stands between a number and a thing; lower case, without the dot.
const units = new Set(
	(
		'g kg mg l ml cl dl m cm x pack packs packet packets bag bags bottle bottles can cans jar jars box boxes bunch ' +
		'dozen slice slices lb lbs oz cup cups pck pkg packung packungen päckchen pkt beutel tüte tüten flasche flaschen ' +
		'dose dosen glas gläser kasten kästen kiste kisten bund stück stk st becher tafel tafeln rolle rollen scheiben'
	).split(' ')
);

/** The things in a text: separated by lines, semicolons and commas, but not by the comma of 1,5. */
export function parse(text: string): Written[] {
	return text
		.split(/[\n\r;]+|,(?!\d)|(?<!\d),/)
		.map((part) => part.replace(/^\s*(?:[-*•–]\s+(?:\[[ xX]?\]\s*)?|\[[ xX]?\]\s*)/, '').trim())
		.filter(Boolean)
		.map(thing);
}

function thing(text: string): Written {
	const match = /^(\d+(?:[.,]\d+)?)\s*(?:(x|×)\s+|([\p{L}]+)\.?\s+)?(.*)$/u.exec(text);
	if (!match) return { title: text };
	const [, number, times, word, rest] = match;
	const quantity = Number(number!.replace(',', '.'));
	if (times && rest) return { title: rest, quantity };
	if (word && units.has(word.toLowerCase()) && rest) return { title: rest, quantity, unit: word };
	// '3 eggs', but not '7up', '2026 taxes' or '5'.
	const title = [word, rest].filter(Boolean).join(' ');
	if (title && /^\d+(?:[.,]\d+)?\s/.test(text) && quantity <= 100) return { title, quantity };
	return { title: text };
}
