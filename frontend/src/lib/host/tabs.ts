// One stream a browser. A browser opens six connections to a server over plain
// http; with a stream a tab the seventh tab would wait for ever.
import type { components } from '../api/gen/api';
import { Unreached, type Answer, type Frame, type Handlers, type Host, type Of } from './host';
import { seatOf, type Seat } from './seat';

type Changes = components['schemas']['Changes'];
type Session = components['schemas']['Session'];

/** The leader says that it lives. Timers of hidden tabs run once a minute at worst. */
const beatMs = 15_000;
/** After so long without a word the leader is asked, and then taken for asleep. */
const silenceMs = 75_000;
const answerMs = 5_000;

/** What the tabs of one session say to each other. */
type Word = { to?: number } & (
	| { say: 'ask'; from: number }
	| { say: 'wake' | 'beat' | 'lost' }
	| { say: 'open'; at: string; greeting?: Frame }
	/** prev: the cursor behind which the frame came. */
	| { say: 'frame'; prev: string; frame: Frame }
);

/** A server over HTTP as seen by one of several tabs, which all follow the stream of one of them. */
export class TabsHost implements Host {
	readonly kind: Host['kind'];
	readonly lines: Host['lines'];
	#places = new Set<Place>();

	constructor(private readonly host: Host) {
		this.kind = host.kind;
		this.lines = host.lines?.bind(host);
	}

	request(method: string, path: string, body?: unknown, of?: Of): Promise<Answer> {
		return this.host.request(method, path, body, of);
	}

	subscribe(after: string, handlers: Handlers): () => void {
		const place = new Place(this.host, after, handlers);
		this.#places.add(place);
		void place.join();
		return () => {
			this.#places.delete(place);
			place.leave();
		};
	}

	wake(): void {
		for (const place of this.#places) place.wake();
	}

	openExternal(url: string): void {
		this.host.openExternal(url);
	}
}

/**
 * One tab's place among those of its session: it leads, with a stream from where
 * it is, or hears what the leader hears. A hearer that has missed something reads
 * it from the pages of changes, so that whoever leads need remember nothing.
 */
class Place {
	readonly #name = Math.random();
	#left = false;
	#sessionId = 0;
	#seat: Seat | undefined;
	#channel: BroadcastChannel | undefined;
	/** Ends the stream; only who leads has one. */
	#stop: (() => void) | undefined;
	#line: 'opening' | 'open' | 'lost' = 'opening';
	/** The last session frame. */
	#greeting: Frame | undefined;
	#beat: ReturnType<typeof setInterval> | undefined;
	#silence: ReturnType<typeof setTimeout> | undefined;
	/** The reading of pages that is going on, and whether there will be more to read. */
	#reading: { more: boolean } | undefined;

	constructor(
		private readonly host: Host,
		private cursor: string,
		private readonly handlers: Handlers
	) {}

	/** Joins the tabs of the session that the browser has now: tabs share their cookies. */
	async join(): Promise<void> {
		this.#part();
		const answer = await this.#ask('/api/auth/session');
		if (this.#left) return;
		if (answer.status !== 200) return this.handlers.refused(answer);
		const { id, instance } = answer.body as Session;
		this.#sessionId = id;
		const name = `inglenook ${instance.id} ${id}`;
		this.#channel = new BroadcastChannel(name);
		this.#channel.onmessage = ({ data }) => this.#guard(() => this.#hear(data as Word));
		this.#follow();
		this.#seat = seatOf(name, { won: () => this.#lead(), lost: () => this.#follow() });
	}

	leave(): void {
		this.#left = true;
		this.#part();
	}

	wake(): void {
		if (this.#stop) this.host.wake();
		else this.#say({ say: 'wake' });
	}

	#part(): void {
		this.#retire();
		clearTimeout(this.#silence);
		this.#reading = undefined;
		this.#seat?.leave();
		this.#channel?.close();
		this.#seat = this.#channel = undefined;
	}

	#retire(): void {
		this.#stop?.();
		this.#stop = undefined;
		clearInterval(this.#beat);
	}

	#lead(): void {
		clearTimeout(this.#silence);
		this.#reading = undefined;
		this.#line = 'opening';
		this.#beat = setInterval(() => this.#say({ say: 'beat' }), beatMs);
		this.#stop = this.host.subscribe(this.cursor, {
			open: () => {
				this.#line = 'open';
				this.#say({ say: 'open', at: this.cursor });
				this.handlers.open();
			},
			frame: (frame) => this.#spread(frame),
			lost: () => {
				this.#line = 'lost';
				this.#say({ say: 'lost' });
				this.handlers.lost();
			},
			// Whoever leads next finds out by itself.
			refused: (answer) => this.handlers.refused(answer)
		});
	}

	#spread(frame: Frame): void {
		if (frame.event === 'session') {
			// Somebody has signed in anew in another tab, and the stream was opened in their name.
			if ((frame.data as Session).id !== this.#sessionId) {
				this.#take(frame);
				if (!this.#left) void this.join();
				return;
			}
			this.#greeting = frame;
		}
		this.#say({ say: 'frame', prev: this.cursor, frame });
		this.#take(frame);
	}

	#follow(): void {
		this.#retire();
		this.#listen();
		this.#say({ say: 'ask', from: this.#name });
	}

	#listen(): void {
		clearTimeout(this.#silence);
		this.#silence = setTimeout(() => {
			this.#say({ say: 'ask', from: this.#name });
			this.#silence = setTimeout(() => this.#seat?.seize(), answerMs * (1 + Math.random()));
		}, silenceMs);
	}

	#hear(word: Word): void {
		if (word.to !== undefined && word.to !== this.#name) return;
		const leads = this.#stop !== undefined;
		if (word.say === 'ask') return leads ? this.#answer(word.from) : undefined;
		if (word.say === 'wake') return leads ? this.host.wake() : undefined;
		if (leads) return; // two lead: the seat settles it
		this.#listen();
		if (word.say === 'open') this.#hearOpen(word);
		else if (word.say === 'frame') this.#hearFrame(word);
		else if (word.say === 'lost') {
			this.#line = 'lost';
			this.handlers.lost();
		}
	}

	#answer(to: number): void {
		if (this.#line === 'lost') this.#say({ say: 'lost', to });
		if (this.#line !== 'open') return; // the others will hear when it opens
		const greeting = this.#greeting;
		this.#say({ say: 'open', at: this.cursor, to, ...(greeting && { greeting }) });
	}

	#hearOpen({ at, greeting, to }: Extract<Word, { say: 'open' }>): void {
		if (to === undefined || this.#line !== 'open') {
			this.#line = 'open';
			this.handlers.open();
			if (greeting) this.#take(greeting);
		}
		if (isBehind(this.cursor, at)) void this.#catchUp();
	}

	#hearFrame({ prev, frame }: Extract<Word, { say: 'frame' }>): void {
		if (this.#line !== 'open') return; // what it says will be caught up with when it opens
		const isPlaced = frame.id !== undefined || frame.event === 'forget';
		if (!isPlaced) return this.#take(frame);
		if (frame.id !== undefined && !isBehind(this.cursor, frame.id)) return;
		// What is to be forgotten belongs to the event behind it, whose id it does not say.
		const isNext = frame.id === undefined ? this.cursor === prev : !isBehind(this.cursor, prev);
		if (isNext && !this.#reading) this.#take(frame);
		else void this.#catchUp();
	}

	async #catchUp(): Promise<void> {
		if (this.#reading) {
			this.#reading.more = true;
			return;
		}
		const reading = { more: true };
		this.#reading = reading;
		while (reading.more) {
			reading.more = false;
			const answer = await this.#ask(`/api/changes?after=${this.cursor}`);
			if (reading !== this.#reading) return;
			if (answer.status !== 200) return this.handlers.refused(answer);
			const page = answer.body as Changes;
			this.#guard(() => {
				for (const frame of framesOf(page)) if (reading === this.#reading) this.#take(frame);
			});
			if (page.id < page.head) reading.more = true;
		}
		if (reading === this.#reading) this.#reading = undefined;
	}

	/** The one way of a frame to the replica, whoever heard it. */
	#take(frame: Frame): void {
		this.handlers.frame(frame);
		if (frame.id !== undefined) this.cursor = frame.id;
	}

	/** What a handler chokes on has to come again: begins anew after a pause. */
	#guard(fn: () => void): void {
		try {
			fn();
		} catch (error) {
			reportError(error);
			this.handlers.refused(nobody);
		}
	}

	async #ask(path: string): Promise<Answer> {
		try {
			return await this.host.request('GET', path);
		} catch (error) {
			if (error instanceof Unreached) return nobody;
			throw error;
		}
	}

	#say(word: Word): void {
		this.#channel?.postMessage(word);
	}
}

const nobody: Answer = { status: 0, body: undefined };

/** A page of changes as the frames that a stream would have brought. */
function* framesOf({ epoch, id, events }: Changes): Generator<Frame> {
	let last = 0;
	for (const { forget = [], ...event } of events) {
		for (const gone of forget) yield { event: 'forget', data: gone };
		last = event.id ?? last;
		yield { event: 'replacements', id: `${epoch}-${last}`, data: event };
	}
	if (last < id) yield { event: 'replacements', id: `${epoch}-${id}`, data: { replacements: [] } };
}

/** Is a cursor before another? Those of different epochs are for the server to judge. */
function isBehind(cursor: string, at: string): boolean {
	const [[epoch, id = 0], [epochThere, idThere = 0]] = [cursor.split('-'), at.split('-')];
	return epoch !== epochThere || Number(id) < Number(idThere);
}
