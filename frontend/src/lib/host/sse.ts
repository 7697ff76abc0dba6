import type { Frame } from './host';

/**
 * Takes an event stream apart (WHATWG HTML §9.2.6). EventSource is not used: it
 * hides the status of a refused stream and gives no sign of heartbeats.
 */
export class FrameReader {
	#rest = '';
	#event = '';
	#id: string | undefined;
	#data: string[] = [];

	/** The frames that text completes. */
	*read(text: string): Generator<Frame> {
		const lines = (this.#rest + text).split(/\r\n|\n|\r(?=[^])/);
		this.#rest = lines.pop() ?? '';
		for (const line of lines) {
			if (line !== '') {
				this.#field(line);
				continue;
			}
			if (this.#data.length > 0) {
				yield {
					event: this.#event || 'message',
					...(this.#id === undefined ? {} : { id: this.#id }),
					data: JSON.parse(this.#data.join('\n')) as unknown
				};
			}
			this.#event = '';
			this.#id = undefined;
			this.#data = [];
		}
	}

	#field(line: string): void {
		const colon = line.indexOf(':');
		if (colon === 0) return;
		const name = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
		if (name === 'event') this.#event = value;
		else if (name === 'data') this.#data.push(value);
		else if (name === 'id') this.#id = value;
	}
}
