// The carrier between the page and whoever answers it: a server over HTTP, the
// window's bridge, or a household in memory. Only these files know which.

/** An answer; body is parsed JSON, undefined when there is none. */
export interface Answer {
	status: number;
	body: unknown;
	/** Which version of it this is, where it has versions. */
	etag?: string;
}

/** What a request is about beyond its body. */
export interface Of {
	/** The session it is of, where that is not the tab's own. */
	session?: number;
	/** The version it means to replace. */
	ifMatch?: string;
}

/** One frame of the event stream. */
export interface Frame {
	event: string;
	/** "<epoch>-<id>", on frames that move the cursor. */
	id?: string;
	data: unknown;
}

/** What a subscription tells. The host reconnects by itself, behind the last id it saw. */
export interface Handlers {
	open(): void;
	frame(frame: Frame): void;
	/** The line is down and will be tried again. */
	lost(): void;
	/** The server refused the stream; it is not tried again. */
	refused(answer: Answer): void;
}

export interface Host {
	readonly kind: 'browser' | 'desktop' | 'memory';
	/** Rejects with Unreached when nobody answered; every status is an answer. */
	request(method: string, path: string, body?: unknown, of?: Of): Promise<Answer>;
	/** The lines of an NDJSON answer, where the carrier can stream. */
	lines?(path: string): AsyncIterable<unknown>;
	/** Frames behind a cursor, "" for the head, until the returned function is called. */
	subscribe(after: string, handlers: Handlers): () => void;
	/** Tries a lost line again at once. */
	wake(): void;
	openExternal(url: string): void;
}

/** Nobody answered. */
export class Unreached extends Error {
	override name = 'Unreached';
}

/** An NDJSON request was answered with a problem. */
export class Refused extends Error {
	override name = 'Refused';
	constructor(readonly answer: Answer) {
		super(`status ${answer.status}`);
	}
}
