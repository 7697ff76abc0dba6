import { Backoff } from './backoff';
import { Refused, Unreached, type Answer, type Handlers, type Host } from './host';
import { FrameReader } from './sse';

/** A stream silent for so long is dead: the server's heart beats every 15 s. */
const silenceMs = 45_000;

/** A server over HTTP, with the session in a cookie. */
export class BrowserHost implements Host {
	readonly kind = 'browser';
	#wakers = new Set<() => void>();

	constructor(private readonly client: string) {
		const wake = () => this.wake();
		window.addEventListener('online', wake);
		document.addEventListener('visibilitychange', () => {
			if (document.visibilityState === 'visible') this.wake();
		});
	}

	async request(method: string, path: string, body?: unknown): Promise<Answer> {
		const headers: Record<string, string> = { Accept: 'application/json' };
		if (method !== 'GET') {
			// A page of another site can send neither without asking first (Fetch §2.2.2).
			headers['Inglenook-Client'] = this.client;
			headers['Content-Type'] = 'application/json';
		}
		const response = await reach(path, {
			method,
			headers,
			body: method === 'GET' ? undefined : JSON.stringify(body ?? {})
		});
		return answerOf(response);
	}

	async *lines(path: string): AsyncIterable<unknown> {
		const response = await reach(path, { headers: { Accept: 'application/x-ndjson' } });
		if (!response.ok || !response.body) throw new Refused(await answerOf(response));
		let rest = '';
		for await (const text of texts(response.body)) {
			const lines = (rest + text).split('\n');
			rest = lines.pop() ?? '';
			for (const line of lines) if (line) yield JSON.parse(line) as unknown;
		}
		if (rest) yield JSON.parse(rest) as unknown;
	}

	subscribe(after: string, handlers: Handlers): () => void {
		const stopped = new AbortController();
		void this.#follow(after, handlers, stopped.signal);
		return () => stopped.abort();
	}

	wake(): void {
		for (const waker of this.#wakers) waker();
	}

	openExternal(url: string): void {
		window.open(url, '_blank', 'noopener');
	}

	async #follow(after: string, handlers: Handlers, stopped: AbortSignal): Promise<void> {
		const backoff = new Backoff();
		let cursor = after;
		while (!stopped.aborted) {
			const end = await this.#stream(cursor, stopped, {
				...handlers,
				open: () => {
					backoff.reset();
					handlers.open();
				},
				frame: (frame) => {
					if (frame.id) cursor = frame.id;
					handlers.frame(frame);
				}
			});
			if (stopped.aborted) return;
			if (end.refused && end.refused.status < 500 && end.refused.status !== 429) {
				handlers.refused(end.refused);
				return;
			}
			handlers.lost();
			await this.#pause(backoff.next(end.retryMs), stopped);
		}
	}

	/** One connection from opening to its end. */
	async #stream(
		cursor: string,
		stopped: AbortSignal,
		handlers: Handlers
	): Promise<{ retryMs?: number; refused?: Answer }> {
		const cut = new AbortController();
		const cutIt = () => cut.abort();
		stopped.addEventListener('abort', cutIt);
		let watchdog = setTimeout(cutIt, silenceMs);
		let retryMs: number | undefined;
		try {
			const path = cursor ? `api/event?after=${cursor}` : 'api/event';
			const response = await reach(path, { headers: { Accept: 'text/event-stream' }, signal: cut.signal });
			if (!response.ok || !response.body) return { refused: await answerOf(response) };
			handlers.open();
			const reader = new FrameReader();
			for await (const text of texts(response.body)) {
				clearTimeout(watchdog);
				watchdog = setTimeout(cutIt, silenceMs);
				for (const frame of reader.read(text)) {
					if (stopped.aborted) return {};
					if (frame.event === 'bye') retryMs = (frame.data as { retryMs: number }).retryMs;
					handlers.frame(frame);
				}
			}
		} catch (error) {
			if (!(error instanceof Unreached) && !cut.signal.aborted && !isNetwork(error)) throw error;
		} finally {
			clearTimeout(watchdog);
			stopped.removeEventListener('abort', cutIt);
			cut.abort();
		}
		return { retryMs };
	}

	#pause(ms: number, stopped: AbortSignal): Promise<void> {
		return new Promise((resolve) => {
			const done = () => {
				clearTimeout(timer);
				this.#wakers.delete(done);
				stopped.removeEventListener('abort', done);
				resolve();
			};
			const timer = setTimeout(done, ms);
			this.#wakers.add(done);
			stopped.addEventListener('abort', done);
		});
	}
}

/** Relative to the page, so that a server may live below a path of a proxy. */
async function reach(path: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(path.replace(/^\//, ''), { credentials: 'same-origin', cache: 'no-store', ...init });
	} catch (error) {
		throw new Unreached('no answer', { cause: error });
	}
}

async function answerOf(response: Response): Promise<Answer> {
	let text: string;
	try {
		text = await response.text();
	} catch (error) {
		throw new Unreached('answer cut off', { cause: error });
	}
	try {
		return { status: response.status, body: text ? (JSON.parse(text) as unknown) : undefined };
	} catch {
		return { status: response.status, body: undefined }; // a proxy's page in HTML
	}
}

async function* texts(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield decoder.decode(value, { stream: true });
		}
	} finally {
		void reader.cancel().catch(() => {}); // closed already: nothing to cancel
	}
}

/** A connection that breaks while it is read is a TypeError in every browser. */
function isNetwork(error: unknown): boolean {
	return error instanceof TypeError || error instanceof DOMException;
}
