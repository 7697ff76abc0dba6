// A note: a title and Markdown.
import type * as kinds from '../../lib/api/gen/kinds';
import type { Entity } from '../../lib/replica/types';

export type Note = kinds.Note & Entity;

const tickLine = /^(\s*(?:[-*+]|\d+[.)])\s+\[)([ xX])(\])/;

/** The text with its nth tick box turned over. */
export function toggleTick(body: string, nth: number): string {
	let at = 0;
	let fenced = false;
	return body
		.split('\n')
		.map((line) => {
			if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
			if (fenced || !tickLine.test(line) || at++ !== nth) return line;
			return line.replace(
				tickLine,
				(_, open: string, tick: string, close: string) => open + (tick === ' ' ? 'x' : ' ') + close
			);
		})
		.join('\n');
}

/** The first words of the text, without signs of markup. */
export function excerpt(body: string, length = 140): string {
	const plain = body
		.replaceAll(/^\s*(?:#{1,6}|>|[-*+]\s+\[[ xX]\]|[-*+]|\d+[.)])\s+/gm, '')
		.replaceAll(/^\s*\|?[-:| ]+\|[-:| ]*$|\|/gm, ' ')
		.replaceAll(/[*_`~]{1,3}|\[([^\]]*)\]\([^)]*\)/g, '$1')
		.replaceAll(/\s+/g, ' ')
		.trim();
	return plain.length > length ? plain.slice(0, length).trimEnd() + '…' : plain;
}
