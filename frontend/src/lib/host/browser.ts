import type { components } from '../api/gen/api';
import { problemOf } from '../api/problem';
import { Backoff } from './backoff';
import { Refused, Unreached, type Answer, type Frame, type Handlers, type Host, type Of } from './host';
import { answerOf, reach, texts, Watchdog } from './http';
import { FrameReader } from './sse';

type Session = components['schemas']['Session'];
type Bye = components['schemas']['Bye'];

/** A stream silent for so long is dead: the server's heart beats every 15 s. */
const silenceMs = 45_000;
/** An answer that takes longer is none: networks that swallow packets say nothing for minutes. */
const patienceMs = 60_000;
/** A stream that lasted so long was a good one: the next loss is a new one. */
const steadyMs = 10_000;
/** No session gets its next value as soon after the last. */
const rotatedMs = 500;

/** The way of a request, and what a stream says about the session it is of. */
export interface Sender {
	/** Rejects with Unreached. */
	send(path: string, init: RequestInit, of?: Of): Promise<Response>;
	/** This page follows the stream of its session until the returned function is called. */
	follow?(): () => void;
	/** The stream has said how the session is now. */
	heard?(session: Session): void;
}

/** A server over HTTP, with the session in a cookie. */
export class BrowserHost implements Host {
	readonly kind = 'browser';
	#wakers = new Set<() => void>();

	constructor(
		private readonly client: string,
		private readonly sender: Sender = { send: reach }
	) {}

	async request(method: string, path: string, body?: unknown, of?: Of): Promise<Answer> {
		const headers: Record<string, string> = { Accept: 'application/json' };
		if (of?.ifMatch) headers['If-Match'] = of.ifMatch;
		if (method !== 'GET') {
			// A page of another site can send neither without asking first (Fetch §2.2.2).
			headers['Inglenook-Client'] = this.client;
			headers['Content-Type'] = 'application/json';
		}
		const watchdog = new Watchdog(patienceMs);
		try {
			const init: RequestInit = { method, headers, signal: watchdog.signal };
			if (method !== 'GET') init.body = JSON.stringify(body ?? {});
			const response = await this.sender.send(path, init, of);
			return await answerOf(response);
		} finally {
			watchdog.bite();
		}
	}

	async *lines(path: string): AsyncIterable<unknown> {
		const watchdog = new Watchdog(patienceMs);
		try {
			const response = await this.sender.send(path, {
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
		const unfollow = this.sender.follow?.();
		void this.#follow(after, handlers, stopped.signal);
		return () => {
			unfollow?.();
			stopped.abort();
		};
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
		/** The stream ended because its session got its next value: nobody is told that there is another. */
		let goesOn = false;
		const taken = {
			...handlers,
			open: () => {
				if (!goesOn) handlers.open();
			},
			frame: (one: Frame) => {
				handlers.frame(one);
				if (one.id) cursor = one.id;
				if (one.event === 'session') this.sender.heard?.(one.data as Session);
			}
		};
		while (!stopped.aborted) {
			const began = Date.now();
			const end = await this.#stream(cursor, stopped, taken);
			if (stopped.aborted) return;
			// One that ends as soon as it is open is tried as one that is lost.
			goesOn = end.rotated === true && Date.now() - began > rotatedMs;
			if (goesOn) continue;
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
	): Promise<{ retryMs?: number; refused?: Answer; rotated?: boolean }> {
		const watchdog = new Watchdog(silenceMs);
		const end = () => watchdog.bite();
		stopped.addEventListener('abort', end);
		let bye: Bye | undefined;
		try {
			const path = cursor ? `api/event?after=${cursor}` : 'api/event';
			const response = await this.sender.send(path, {
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
					if (frame.event === 'bye') bye = frame.data as Bye;
					handlers.frame(frame);
				}
			}
		} catch (error) {
			if (!(error instanceof Unreached)) reportError(error);
		} finally {
			stopped.removeEventListener('abort', end);
			watchdog.bite();
		}
		return { retryMs: bye?.retryMs, rotated: bye?.code === 'session-rotated' };
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
