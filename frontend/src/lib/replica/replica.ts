import { Api, type BatchResult } from '../api/api';
import { Clock } from '../api/clock';
import type { Problem } from '../api/problem';
import type { Host } from '../host/host';
import { Acts } from './acts';
import { BridgeParked } from './bridge';
import { equal } from './entity';
import type { Env } from './env';
import { Keeper, type Unsent } from './keeper';
import { Layers } from './layers';
import { Line } from './line';
import { Outbox } from './outbox';
import { ParkedWrites } from './parked';
import { refOf, type Refusal } from './pending';
import { Push } from './push';
import { statusOf } from './status';
import type { Act, Entity, Parked, Patch, Replica, Session, Status, TakenBack } from './types';

/** In the window two programs number writes; the page's begin here, above the bridge's. */
const firstSeqInWindow = 2 ** 40;

/** A replica of what the session may see, in memory. */
export class LocalReplica implements Replica {
	readonly api: Api;
	#outbox: Outbox;
	#layers: Layers;
	#acts: Acts;
	#line: Line;
	#push: Push;
	#bridge: BridgeParked | undefined;
	#keeper: Keeper | undefined;
	#parked = new ParkedWrites();
	#session: Session | undefined;
	#status: Status;
	#listeners = new Set<(kinds: ReadonlySet<string>) => void>();
	#sleep: (() => void) | undefined;

	constructor(
		host: Host,
		private readonly env: Env
	) {
		this.api = new Api(host);
		const clock = new Clock(env.now);
		this.#outbox = new Outbox(host.kind === 'desktop' ? firstSeqInWindow : 1);
		this.#layers = new Layers(this.#outbox, clock);
		this.#acts = new Acts(this.#layers, clock, env, {
			cursor: () => this.#line.cursor?.id ?? 0,
			moved: () => this.#moved()
		});
		this.#line = new Line(host, this.api, env, {
			begin: () => this.#layers.begin(),
			// Nobody is told: a half is of no use, and to compute screens from each costs more than the whole.
			part: (changes, id) => this.#layers.part(changes, id),
			whole: (id, anew) => {
				this.#layers.whole(id, anew);
				this.#moved();
			},
			event: (changes, id) => this.#layers.event(changes, id),
			forget: (kind, ids) => this.#layers.forget(kind, ids),
			session: (session) => this.#heardSession(session),
			status: (status) => this.#bridge?.take(status),
			moved: () => this.#moved()
		});
		this.#push = new Push(this.#outbox, this.api, env, {
			ready: () => this.#line.caughtUp && (this.#keeper?.opened ?? true),
			kept: this.env.unsent && (() => this.#keeper?.save()),
			answered: (result) => this.#answered(result),
			refused: (refusal) => this.#refused([refusal]),
			failed: (problem) => this.#failed(problem),
			moved: () => this.#moved()
		});
		if (host.kind === 'desktop') {
			this.#bridge = new BridgeParked(this.api, () => this.#moved());
		} else if (env.unsent) {
			this.#keeper = new Keeper(env.unsent, {
				outbox: this.#outbox,
				parked: this.#parked,
				epoch: () => this.#line.cursor?.epoch ?? 0,
				resume: (unsent) => this.#resume(unsent),
				moved: () => this.#moved()
			});
		}
		this.#status = this.#standing();
	}

	/** Begins to sync. */
	start(): void {
		this.#sleep = this.env.onWake?.(() => this.#wake());
		this.#line.connect();
	}

	/** Ends syncing; what is shown stays. */
	stop(): void {
		this.#sleep?.();
		this.#line.close();
	}

	// Reading.

	all<T extends Entity = Entity>(kind: string): readonly T[] {
		return this.#layers.view.all(kind) as readonly T[];
	}

	children<T extends Entity = Entity>(kind: string, field: string, id: number): readonly T[] {
		return this.#layers.view.children(kind, field, id) as readonly T[];
	}

	get<T extends Entity = Entity>(kind: string, id: number): T | undefined {
		return this.#layers.get(kind, id) as T | undefined;
	}

	pending(kind: string, id: number): boolean {
		return this.#layers.pending(this.#layers.resolve(kind, id)).length > 0;
	}

	get status(): Status {
		return this.#status;
	}

	get session(): Session | undefined {
		return this.#session;
	}

	/** How many writes end with this page, of everybody who was signed in. */
	get unsaved(): number {
		const kept = this.#keeper?.saved ? this.#outbox.size + this.#parked.all.length : 0;
		return this.#bridge ? 0 : this.#outbox.size + this.#parked.count - kept;
	}

	get parked(): readonly Parked[] {
		return this.#bridge ? [...this.#bridge.parked, ...this.#parked.all] : this.#parked.all;
	}

	get undoable(): Act | undefined {
		return this.#acts.undoable;
	}

	subscribe(listener: (kinds: ReadonlySet<string>) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	// Writing.

	create = (kind: string, fields: Patch): number => this.#acts.create(kind, fields);
	edit = (kind: string, id: number, patch: Patch): void => this.#acts.edit(kind, id, patch);
	remove = (kind: string, id: number): void => this.#acts.remove(kind, id);
	restore = (kind: string, id: number, last: Entity): void => this.#acts.restore(kind, id, last);
	act = (label: string, fn: () => void): void => this.#acts.act(label, fn);
	undo = (): TakenBack | undefined => this.#acts.undo();
	redo = (): TakenBack | undefined => this.#acts.redo();

	retry(seq: number): void {
		const refusal = this.#parked.take(seq);
		if (!refusal) return this.#bridge?.retry(seq);
		this.#layers.touch('');
		this.#acts.repeat(refusal.write);
	}

	discard(seq: number): void {
		if (!this.#parked.take(seq)) return this.#bridge?.discard(seq);
		this.#layers.touch('');
		this.#moved();
	}

	abandon(): void {
		this.#layers.showAll(this.#outbox.empty().map(refOf));
		this.#parked.empty();
		this.#layers.touch('');
		this.#moved();
	}

	syncNow(): void {
		this.#bridge?.sync();
		if (this.#line.phase === 'sign-in') this.#line.connect();
		else this.#wake();
	}

	#wake(): void {
		this.#line.wake();
		this.#push.wake();
	}

	// What the server says.

	#heardSession(session: Session): void {
		const before = this.#session?.user.id;
		this.#session = session;
		this.#layers.touch('');
		if (before !== undefined && before !== session.user.id) this.#becameSomebodyElse();
		this.#acts.open(session.user.id);
		this.#parked.open(session.user.id);
		this.#keeper?.open(`${session.instance.id} ${session.user.id}`);
	}

	/** A page that is gone has left it. */
	#resume({ epoch, outbox, refusals }: Unsent): void {
		if (outbox) this.#layers.showAll(this.#outbox.resume(outbox));
		const { cursor } = this.#line;
		if (cursor && epoch !== cursor.epoch) this.#layers.rebase();
		else if (cursor) this.#layers.confirm(cursor.id);
		this.#refused(
			refusals.map((refusal) => ({ ...refusal, write: { ...refusal.write, seq: this.#outbox.number() } }))
		);
	}

	/** Nobody's writes are sent in somebody else's name, and what one may see the other may not. */
	#becameSomebodyElse(): void {
		const saved = this.#keeper?.saved;
		this.#keeper?.close();
		const writes = this.#outbox.leave();
		if (saved) {
			// They are kept for when their author signs in again.
			this.#parked.empty();
			writes.length = 0;
		}
		this.#refused(
			writes.map((write) => ({
				write,
				code: 'forbidden',
				message: 'written by somebody else who was signed in here'
			}))
		);
		this.#layers.forgetAll();
		this.#line.reset();
	}

	#answered(result: BatchResult): void {
		const { cursor } = this.#line;
		if (cursor && result.event.id > 0 && result.event.epoch !== cursor.epoch) {
			// The server was restored and the stream has not noticed: it is asked again in the new epoch.
			this.#outbox.renumber();
			return this.#line.connect();
		}
		const { refused, renamed, touched } = this.#outbox.answer(result);
		this.#line.alive(result.event.id);
		for (const { from, to } of renamed) this.#acts.rename(from, to);
		this.#layers.renamed(renamed);
		this.#refused(refused);
		this.#layers.showAll(touched);
		if (cursor) this.#layers.confirm(cursor.id);
	}

	#refused(refusals: Refusal[]): void {
		if (refusals.length === 0) return;
		this.#parked.add(refusals);
		this.#layers.touch('');
		this.#layers.showAll(refusals.map(({ write }) => refOf(write)));
	}

	#failed(problem: Problem): void {
		if (problem.needsSignIn) this.#line.signInNeeded();
		// The stream may not have noticed yet; connecting tells whether the server is there.
		else if (problem.status === 0 && this.#line.phase === 'online') this.#line.connect();
	}

	#standing(): Status {
		const own = statusOf({
			phase: this.#line.phase,
			caughtUp: this.#line.caughtUp,
			busy: this.#push.busy,
			waiting: this.#outbox.size,
			parked: this.#parked.all.length,
			here: this.#line.cursor?.id ?? 0,
			there: this.#line.there,
			server: this.env.server,
			session: this.#session,
			heard: this.#line.heard
		});
		return this.#bridge ? this.#bridge.over(own) : own;
	}

	/** Something may have changed: tells the listeners once, and pushes what can be pushed now. */
	#moved(): void {
		if (this.#acts.writing) return;
		void this.#keeper?.save();
		this.#push.kick();
		const status = this.#standing();
		if (!equal({ ...status, since: '' }, { ...this.#status, since: '' })) this.#layers.touch('');
		this.#status = status;
		const changed = this.#layers.takeChanged();
		if (changed.size === 0) return;
		for (const listener of this.#listeners) listener(changed);
	}
}
