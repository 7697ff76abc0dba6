import { Refused, Unreached, type Host, type Of } from '../host/host';
import type { components } from './gen/api';
import { Problem, problemOf } from './problem';

type Schemas = components['schemas'];
export type Cursor = Schemas['Cursor'];
export type Change = Schemas['Change'];
export type Batch = Schemas['Batch'];
export type BatchResult = Schemas['BatchResult'];
export type Result = Schemas['Result'];
export type Replacement = Schemas['Replacement'];
export type Methods = Schemas['Methods'];

/** Entities of one page of a snapshot where the carrier cannot stream. */
const pageSize = 5000;

/** Where a snapshot goes on: its cursor, and its last entity that came, as kind/id. */
export interface Rest {
	at: Cursor;
	after: string;
}

/** The calls of the contract. Every one rejects with a Problem. */
export class Api {
	constructor(private readonly host: Host) {}

	lastEventId = () => this.#call<Cursor>('GET', '/api/last-event-id');
	push = (batch: Batch) => this.#call<BatchResult>('POST', '/api/replacements', batch);

	/** Every version of an entity, newest first; before: only of earlier events. */
	history = (kind: string, id: number, before?: number) =>
		this.#call<Schemas['History']>('GET', `/api/history/${kind}/${id}${beforeQuery(before)}`);
	trash = (before?: number) => this.#call<Schemas['Trash']>('GET', `/api/trash${beforeQuery(before)}`);
	digest = () => this.#call<Schemas['Digests']>('GET', '/api/digest');

	// The window's own.
	start = (start: Schemas['Start']) => this.#call<void>('POST', '/api/local/start', start);
	methodsOf = (url: string) => this.#call<Methods>('POST', '/api/local/methods', { url });
	join = (join: Schemas['Join']) => this.#call<void>('POST', '/api/local/join', join);
	status = () => this.#call<Schemas['Status']>('GET', '/api/local/status');
	parked = () => this.#call<Schemas['Parked'][]>('GET', '/api/local/parked');
	retry = (seq: number) => this.#call<void>('POST', `/api/local/parked/${seq}`);
	discard = (seq: number) => this.#call<void>('DELETE', `/api/local/parked/${seq}`);
	sync = () => this.#call<void>('POST', '/api/local/sync');

	/** A snapshot, or the rest of one: its cursor first, then one change after the other. */
	async *snapshot(rest?: Rest): AsyncGenerator<Cursor | Change> {
		try {
			yield* this.host.lines
				? this.#streamed(this.host.lines(`/api/entities${restQuery('?', rest)}`))
				: this.#paged(rest);
		} catch (error) {
			throw asProblem(error);
		}
	}

	async *#streamed(lines: AsyncIterable<unknown>): AsyncGenerator<Cursor | Change> {
		let count = -1; // the header is no entity
		for await (const line of lines as AsyncIterable<Cursor | Change | { count: number }>) {
			if ('count' in line) {
				if (line.count === count) return;
				break;
			}
			count++;
			yield line;
		}
		throw new Problem(0, 'unreached', 'the snapshot was cut');
	}

	async *#paged(rest: Rest | undefined): AsyncGenerator<Cursor | Change> {
		for (let first = true; ; first = false) {
			const query = `limit=${pageSize}${restQuery('&', rest)}`;
			const page = await this.#call<Schemas['Snapshot']>('GET', `/api/entities?${query}`);
			const at = { epoch: page.epoch, id: page.id };
			if (first) yield at;
			yield* page.entities;
			if (!page.next) return;
			rest = { at, after: page.next };
		}
	}

	#call<T>(method: string, path: string, body?: unknown): Promise<T> {
		return ask<T>(this.host, method, path, body);
	}
}

/** One call of the contract: the body of its answer, or a rejection with a Problem. */
export async function ask<T>(host: Host, method: string, path: string, body?: unknown, of?: Of): Promise<T> {
	try {
		const answer = await host.request(method, path, body, of);
		if (answer.status >= 200 && answer.status < 300) return answer.body as T;
		throw problemOf(answer);
	} catch (error) {
		throw asProblem(error);
	}
}

function restQuery(first: '?' | '&', rest: Rest | undefined): string {
	return rest ? `${first}at=${rest.at.epoch}-${rest.at.id}&after=${encodeURIComponent(rest.after)}` : '';
}

function beforeQuery(before: number | undefined): string {
	return before === undefined ? '' : `?before=${before}`;
}

function asProblem(error: unknown): unknown {
	if (error instanceof Unreached) return new Problem(0, 'unreached', error.message);
	if (error instanceof Refused) return problemOf(error.answer);
	return error;
}
