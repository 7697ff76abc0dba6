// HTTP as the page sees it, below whoever knows about sessions.
import { Unreached, type Answer } from './host';

/** Cuts a connection on which nothing comes any more. */
export class Watchdog {
	readonly #cut = new AbortController();
	#timer: ReturnType<typeof setTimeout>;

	constructor(ms: number) {
		this.#timer = setTimeout(() => this.bite(), ms);
	}

	get signal(): AbortSignal {
		return this.#cut.signal;
	}

	/** Something came: waits anew. */
	calm(ms: number): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.bite(), ms);
	}

	bite(): void {
		clearTimeout(this.#timer);
		this.#cut.abort();
	}
}

/** Relative to the page, so that a server may live below a path of a proxy. */
export async function reach(path: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(path.replace(/^\//, ''), { credentials: 'same-origin', cache: 'no-store', ...init });
	} catch (error) {
		throw new Unreached('no answer', { cause: error });
	}
}

export async function answerOf(response: Response): Promise<Answer> {
	let text: string;
	try {
		text = await response.text();
	} catch (error) {
		throw new Unreached('answer cut off', { cause: error });
	}
	try {
		const etag = response.headers.get('ETag');
		const body = text ? (JSON.parse(text) as unknown) : undefined;
		return { status: response.status, body, ...(etag && { etag }) };
	} catch (error) {
		// A page in HTML: a hotel's that stands in for the server, or a proxy's that tells of an error.
		if (response.ok) throw new Unreached('somebody else answered', { cause: error });
		return { status: response.status, body: undefined };
	}
}

export async function* texts(response: Response, type: string): AsyncGenerator<string> {
	if (!response.body || !response.headers.get('Content-Type')?.startsWith(type))
		throw new Unreached('somebody else answered');
	const reader = response.body.getReader();
	const decoder = new TextDecoder();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield decoder.decode(value, { stream: true });
		}
	} catch (error) {
		throw new Unreached('cut off', { cause: error });
	} finally {
		void reader.cancel().catch(() => {}); // closed already: nothing to cancel
	}
}
