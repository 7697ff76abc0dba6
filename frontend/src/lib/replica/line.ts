import type { Api, Change, Cursor, Rest } from '../api/api';
import { Problem, problemOf } from '../api/problem';
import { Backoff } from '../host/backoff';
import type { Frame, Host } from '../host/host';
import { keyOf } from './entity';
import type { Env } from './env';
import { refOf } from './pending';
import type { Phase } from './status';
import type { Session, Status } from './types';

/** A snapshot is applied in slices of at most so many milliseconds, so that no frame is missed. */
const sliceMs = 8;

/** Who is told what comes down the line. */
export interface Receiver {
	/** A snapshot begins, from its beginning. */
	begin(): void;
	/** One part of a snapshot whose cursor has the id. */
	part(changes: Change[], id: number): void;
	/** The snapshot is complete; anew: of another epoch. */
	whole(id: number, anew: boolean): void;
	event(changes: Change[], id: number): void;
	forget(kind: string, ids: number[]): void;
	session(session: Session): void;
	status(status: Status): void;
	/** Phase, cursor or head have changed. */
	moved(): void;
}

/**
 * The way down: asks for the head, takes a snapshot where there is no usable
 * cursor, then follows the stream.
 *
 *	connecting → online ⇄ unreached; sign-in from anywhere, left by connect
 */
export class Line {
	phase: Phase = 'connecting';
	cursor: Cursor | undefined;
	/** The newest event known of the server. */
	there = 0;
	/** When the server was last heard. */
	heard: string | undefined;

	/** The epoch of the last snapshot. */
	#epoch: number | undefined;
	/** Where the snapshot goes on that was cut. */
	#rest: Rest | undefined;
	/** The head when the line opened; nothing is pushed before it has been reached. */
	#target = 0;
	/** Whether this opening of the line has said who is signed in; nothing is pushed in an unknown name. */
	#greeted = false;
	/** Whatever belongs to an earlier connect has to end. */
	#run = 0;
	#stop: (() => void) | undefined;
	#retry: (() => void) | undefined;
	#backoff: Backoff;

	constructor(
		private readonly host: Host,
		private readonly api: Api,
		private readonly env: Env,
		private readonly to: Receiver
	) {
		this.#backoff = new Backoff(env.random);
	}

	get caughtUp(): boolean {
		const reached = this.cursor !== undefined && this.cursor.id >= this.#target;
		return this.phase === 'online' && reached && (this.#greeted || this.host.kind === 'desktop');
	}

	/** Begins, or begins again at once. */
	connect(): void {
		this.#end();
		this.#move('connecting');
		void this.#connect(this.#run);
	}

	/** Ends; what is here stays. */
	close(): void {
		this.#end();
	}

	/** Tries again at once where the server was not reached. */
	wake(): void {
		if (this.phase !== 'unreached') return;
		if (this.#stop) this.host.wake();
		else this.connect();
	}

	/** Takes a new snapshot: the cursor is of no use any more. */
	reset(): void {
		this.cursor = undefined;
		this.#rest = undefined;
		this.connect();
	}

	/** The server answered something. */
	alive(head: number): void {
		this.there = Math.max(this.there, head);
		this.heard = new Date(this.env.now()).toISOString();
	}

	/** The session has ended: nothing is tried until somebody connects. */
	signInNeeded(): void {
		this.#end();
		this.#move('sign-in');
	}

	async #connect(run: number): Promise<void> {
		try {
			const head = await this.api.lastEventId();
			if (run !== this.#run) return;
			this.there = this.#target = head.id;
			this.alive(head.id);
			const usable = this.cursor && this.cursor.epoch === head.epoch && this.cursor.id <= head.id;
			if (!usable && !(await this.#snapshot(run, head))) return;
			this.#subscribe(run);
		} catch (error) {
			if (run === this.#run) this.#failed(error);
		}
	}

	/** False when another connect came in between. */
	async #snapshot(run: number, head: Cursor): Promise<boolean> {
		const begun = this.#rest?.at;
		if (begun?.epoch !== head.epoch || begun.id > head.id) {
			this.#rest = undefined;
			this.to.begin();
		}
		let at = this.#rest?.at;
		let part: Change[] = [];
		let since = this.env.now();
		for await (const piece of this.api.snapshot(this.#rest)) {
			if (run !== this.#run) return false;
			if (!('kind' in piece)) {
				at ??= piece;
				continue;
			}
			part.push(piece);
			if (!at || part.length % 64 !== 0 || this.env.now() - since < sliceMs) continue;
			this.to.part(part, at.id);
			this.#rest = { at, after: keyOf(refOf(piece)) };
			part = [];
			await this.env.pause();
			since = this.env.now();
		}
		if (run !== this.#run) return false;
		if (!at) throw new Problem(0, 'unreached', 'a snapshot without a cursor');
		this.to.part(part, at.id);
		const anew = this.#epoch !== undefined && this.#epoch !== at.epoch;
		this.#rest = undefined;
		this.cursor = at;
		this.#epoch = at.epoch;
		this.alive(at.id);
		this.to.whole(at.id, anew);
		return true;
	}

	#subscribe(run: number): void {
		const after = this.cursor ? `${this.cursor.epoch}-${this.cursor.id}` : '';
		let opened = false;
		this.#stop = this.host.subscribe(after, {
			open: () => {
				if (run !== this.#run) return;
				this.#backoff.reset();
				this.#greeted = false;
				if (opened) void this.#reopened(run);
				else this.#move('online');
				opened = true;
			},
			frame: (frame) => {
				if (run === this.#run) this.#frame(frame);
			},
			lost: () => {
				if (run === this.#run) this.#move('unreached');
			},
			refused: (answer) => {
				if (run !== this.#run) return;
				const problem = problemOf(answer);
				if (problem.code === 'cursor-reset' || problem.code === 'cursor-invalid') this.reset();
				else this.#failed(problem);
			}
		});
	}

	/** After a break the head may be far away: nothing is pushed before it has been reached. */
	async #reopened(run: number): Promise<void> {
		try {
			const head = await this.api.lastEventId();
			if (run !== this.#run) return;
			if (head.epoch !== this.cursor?.epoch || head.id < this.cursor.id) return this.reset();
			this.#target = head.id;
			this.alive(head.id);
			this.#move('online');
		} catch (error) {
			if (run === this.#run) this.#failed(error);
		}
	}

	#frame(frame: Frame): void {
		this.alive(0);
		switch (frame.event) {
			case 'replacements': {
				const [epoch = 0, id = 0] = (frame.id ?? '').split('-').map(Number);
				if (epoch !== this.cursor?.epoch || id <= this.cursor.id) return;
				this.to.event((frame.data as { replacements: Change[] }).replacements, id);
				this.cursor = { epoch, id }; // not before: what could not be applied has to come again
				this.alive(id);
				break;
			}
			case 'forget': {
				const { kind, ids } = frame.data as { kind: string; ids: number[] };
				this.to.forget(kind, ids);
				break;
			}
			case 'session':
				this.#greeted = true;
				this.to.session(frame.data as Session);
				break;
			case 'status':
				this.to.status(frame.data as Status);
				break;
			case 'reset':
				this.reset();
				break;
			case 'bye':
				if (/^session-(ended|expired)$/.test((frame.data as { code: string }).code)) this.signInNeeded();
				break;
		}
		this.to.moved();
	}

	#failed(error: unknown): void {
		const known = error instanceof Problem ? error : undefined;
		if (known?.needsSignIn) return this.signInNeeded();
		if (known?.status !== 0) this.#rest = undefined; // the server, or this page, does not like how it goes on
		this.#end();
		this.#move('unreached');
		this.#retry = this.env.after(this.#backoff.next(known?.retryAfterMs), () => this.connect());
		if (!known) throw error;
	}

	#end(): void {
		this.#run++;
		this.#stop?.();
		this.#stop = undefined;
		this.#retry?.();
		this.#retry = undefined;
	}

	#move(phase: Phase): void {
		this.phase = phase;
		this.to.moved();
	}
}
