import { problemOf } from '../api/problem';
import { Backoff } from './backoff';
import { Refused, Unreached, type Answer, type Frame, type Handlers, type Host } from './host';
import { FrameReader } from './sse';

/** A stream silent for so long is dead: the server's heart beats every 15 s. */
const silenceMs = 45_000;
/** An answer that takes longer is none: networks that swallow packets say nothing for minutes. */
const patienceMs = 60_000;
/** A stream that lasted so long was a good one: the next loss is a new one. */
const steadyMs = 10_000;

/** A server over HTTP, with the session in a cookie. */
export class BrowserHost implements Host {
	readonly kind = 'browser';
	#wakers = new Set<() => void>();

	constructor(private readonly client: string) {}

	async request(method: string, path: string, body?: unknown): Promise<Answer> {
		const headers: Record<string, string> = { Accept: 'application/json' };
		if (method !== 'GET') {
			// A page of another site can send neither without asking first (Fetch §2.2.2).
			headers['Inglenook-Client'] = this.client;
			headers['Content-Type'] = 'application/json';
		}
		const watchdog = new Watchdog(patienceMs);
		try {
			const response = await reach(path, {
				method,
				headers,
				body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
				signal: watchdog.signal
			});
			return await answerOf(response);
		} finally {
			watchdog.bite();
		}
	}

	async *lines(path: string): AsyncIterable<unknown> {
		const watchdog = new Watchdog(patienceMs);
		try {
			const response = await reach(path, {
				headers: { Accept: 'application/x-ndjson' },
				signal: watchdog.signal
			});
			if (!response.ok) throw new Refused(await answerOf(response));
			let rest = '';
			for await (const text of texts(response, 'application/x-ndjson')) {
				watchdog.calm(silenceMs);
				const lines = (rest + text).split('\n');
				rest = lines.pop() ?? '';
				for (const line of lines) if (line) yield JSON.parse(line) as unknown;
			}
			if (rest) throw new Unreached('cut within a line');
		} finally {
			watchdog.bite();
		}
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
		const frame = (one: Frame) => {
			handlers.frame(one);
			if (one.id) cursor = one.id;
		};
		while (!stopped.aborted) {
			const began = Date.now();
			const end = await this.#stream(cursor, stopped, { ...handlers, frame });
			if (stopped.aborted) return;
			if (end.refused && end.refused.status < 500 && end.refused.status !== 429) {
				handlers.refused(end.refused);
				return;
			}
			handlers.lost();
			if (Date.now() - began > steadyMs) backoff.reset();
			await this.#pause(backoff.next(end.retryMs), stopped);
		}
	}

	/** One connection from opening to its end. What a handler throws ends it too, so that its frame comes again. */
	async #stream(
		cursor: string,
		stopped: AbortSignal,
		handlers: Handlers
	): Promise<{ retryMs?: number; refused?: Answer }> {
		const watchdog = new Watchdog(silenceMs);
		const end = () => watchdog.bite();
		stopped.addEventListener('abort', end);
		let retryMs: number | undefined;
		try {
			const path = cursor ? `api/event?after=${cursor}` : 'api/event';
			const response = await reach(path, {
				headers: { Accept: 'text/event-stream' },
				signal: watchdog.signal
			});
			if (!response.ok) {
				const refused = await answerOf(response);
				return { refused, retryMs: problemOf(refused).retryAfterMs };
			}
			const reader = new FrameReader();
			let open = false;
			for await (const text of texts(response, 'text/event-stream')) {
				if (!open) handlers.open();
				open = true;
				watchdog.calm(silenceMs);
				for (const frame of reader.read(text)) {
					if (stopped.aborted) return {};
					if (frame.event === 'bye') retryMs = (frame.data as { retryMs: number }).retryMs;
					handlers.frame(frame);
				}
			}
		} catch (error) {
			if (!(error instanceof Unreached)) reportError(error);
		} finally {
			stopped.removeEventListener('abort', end);
			watchdog.bite();
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

/** Cuts a connection on which nothing comes any more. */
class Watchdog {
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
	} catch (error) {
		// A page in HTML: a hotel's that stands in for the server, or a proxy's that tells of an error.
		if (response.ok) throw new Unreached('somebody else answered', { cause: error });
		return { status: response.status, body: undefined };
	}
}

async function* texts(response: Response, type: string): AsyncGenerator<string> {
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
