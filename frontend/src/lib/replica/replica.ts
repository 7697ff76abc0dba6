import { Api, type BatchResult, type Change } from '../api/api';
import { Clock } from '../api/clock';
import { idOf, newId } from '../api/id';
import type { Problem } from '../api/problem';
import type { Host } from '../host/host';
import { BridgeParked } from './bridge';
import { ConfirmedStore } from './confirmed';
import { changedBy, equal, fieldsOf, keyOf, living, withUnits, type Ref } from './entity';
import type { Env } from './env';
import { Line } from './line';
import { Outbox } from './outbox';
import { ParkedWrites } from './parked';
import { overlay, refOf, type Refusal } from './pending';
import { Push } from './push';
import { statusOf } from './status';
import { reversed, turn, type Step } from './step';
import { UndoStack, type Done } from './undo';
import { View } from './view';
import type { Act, Entity, Parked, Patch, Replica, Session, Status, TakenBack } from './types';

/** In the window two programs number writes; the page's begin here, above the bridge's. */
const firstSeqInWindow = 2 ** 40;

/** A replica of what the session may see, in memory. */
export class LocalReplica implements Replica {
	readonly api: Api;
	#clock: Clock;
	#confirmed = new ConfirmedStore();
	#outbox: Outbox;
	#view = new View();
	#undo: UndoStack;
	#line: Line;
	#push: Push;
	#bridge: BridgeParked | undefined;
	#parked = new ParkedWrites();
	#session: Session | undefined;
	#status: Status;
	#aliases = new Map<string, number>();
	#listeners = new Set<(kinds: ReadonlySet<string>) => void>();
	#sleep: (() => void) | undefined;

	/** Kinds that have changed and of which the listeners have not heard; '' as in subscribe. */
	#changed = new Set<string>();
	/** The act that is being written, and its steps by entity. */
	#act: { number: number; steps: Map<string, Step> } | undefined;
	#acts = 0;
	/** What the snapshot that is coming in contained so far. */
	#seen = new Set<string>();

	constructor(
		host: Host,
		private readonly env: Env
	) {
		this.api = new Api(host);
		this.#clock = new Clock(env.now);
		this.#undo = new UndoStack(env.keep);
		this.#outbox = new Outbox(host.kind === 'desktop' ? firstSeqInWindow : 1);
		this.#line = new Line(host, this.api, env, {
			begin: () => this.#seen.clear(),
			part: (changes, id) => this.#part(changes, id),
			whole: (id, anew) => this.#whole(id, anew),
			event: (changes, id) => this.#event(changes, id),
			forget: (kind, ids) => this.#forget(kind, ids),
			session: (session) => this.#heardSession(session),
			status: (status) => this.#bridge?.take(status),
			moved: () => this.#moved()
		});
		this.#push = new Push(this.#outbox, this.api, env, {
			ready: () => this.#line.caughtUp,
			answered: (result) => this.#answered(result),
			refused: (refusal) => this.#refused([refusal]),
			failed: (problem) => this.#failed(problem),
			moved: () => this.#moved()
		});
		if (host.kind === 'desktop') {
			this.#bridge = new BridgeParked(this.api, () => this.#moved());
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
		return this.#view.all(kind) as readonly T[];
	}

	children<T extends Entity = Entity>(kind: string, field: string, id: number): readonly T[] {
		return this.#view.children(kind, field, id) as readonly T[];
	}

	get<T extends Entity = Entity>(kind: string, id: number): T | undefined {
		return this.#view.get(this.#resolve(kind, id)) as T | undefined;
	}

	pending(kind: string, id: number): boolean {
		return this.#outbox.of(keyOf(this.#resolve(kind, id))).length > 0;
	}

	get status(): Status {
		return this.#status;
	}

	get session(): Session | undefined {
		return this.#session;
	}

	/** How many writes end with this page, of everybody who was signed in. */
	get unsaved(): number {
		return this.#bridge ? 0 : this.#outbox.size + this.#parked.count;
	}

	get parked(): readonly Parked[] {
		return this.#bridge ? [...this.#bridge.parked, ...this.#parked.all] : this.#parked.all;
	}

	get undoable(): Act | undefined {
		return this.#undo.undoable;
	}

	subscribe(listener: (kinds: ReadonlySet<string>) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	// Writing.

	create(kind: string, fields: Patch): number {
		const given = fieldsOf(fields);
		const id = idOf(kind, given) ?? newId();
		const there = this.#view.get({ kind, id });
		if (living(there)) this.edit(kind, id, given);
		else this.#write({ kind, id }, { id, updatedAt: this.#clock.next(), ...given });
		return id;
	}

	edit(kind: string, id: number, patch: Patch): void {
		const ref = this.#resolve(kind, id);
		const shown = this.#view.get(ref);
		if (!living(shown)) return; // deleted under the hand that edits: there is nothing to lay it over
		const units = changedBy(kind, shown, patch);
		if (Object.keys(units).length === 0) return;
		const entity = { ...withUnits(kind, shown, units), updatedAt: this.#clock.next() };
		this.#write(ref, entity, units);
	}

	remove(kind: string, id: number): void {
		const ref = this.#resolve(kind, id);
		if (living(this.#view.get(ref))) {
			this.#write(ref, { id: ref.id, updatedAt: this.#clock.next(), deleted: true });
		}
	}

	restore(kind: string, id: number, last: Entity): void {
		const ref = this.#resolve(kind, id);
		// What comes from the trash without being here is as new as the cursor.
		const unknown = !this.#view.get(ref);
		const base = unknown ? (this.#line.cursor?.id ?? 0) : this.#base(ref);
		this.#write(ref, { id: ref.id, updatedAt: this.#clock.next(), ...fieldsOf(last) }, undefined, base);
	}

	act(label: string, fn: () => void): void {
		if (this.#act) return fn(); // part of the act around it
		this.#writing(label, fn, (steps, at) => this.#undo.did({ label, at, steps }));
	}

	undo(): TakenBack | undefined {
		const act = this.#undo.undone();
		return act && this.#turn(act, reversed(act.steps));
	}

	redo(): TakenBack | undefined {
		const act = this.#undo.redone();
		return act && this.#turn(act, act.steps);
	}

	retry(seq: number): void {
		const refusal = this.#parked.take(seq);
		if (!refusal) return this.#bridge?.retry(seq);
		const { kind, entity, units } = refusal.write;
		this.#changed.add('');
		const fresh = { ...entity, updatedAt: this.#clock.next() };
		this.#writing('', () => this.#write({ kind, id: entity.id }, fresh, units));
	}

	discard(seq: number): void {
		if (!this.#parked.take(seq)) return this.#bridge?.discard(seq);
		this.#changed.add('');
		this.#moved();
	}

	/** Lets go of what this person has unsent or not taken here: they were asked. */
	abandon(): void {
		for (const write of this.#outbox.empty()) this.#show(refOf(write));
		this.#parked.empty();
		this.#changed.add('');
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

	#writing(label: string, fn: () => void, then?: (steps: Step[], at: string) => void): void {
		const act = { number: ++this.#acts, steps: new Map<string, Step>() };
		this.#act = act;
		try {
			fn();
		} finally {
			this.#act = undefined;
			const steps = [...act.steps.values()];
			if (steps.length > 0) then?.(steps, new Date(this.env.now()).toISOString());
			this.#moved();
		}
	}

	#turn({ label, at }: Done, steps: Step[]): TakenBack {
		let left = 0;
		this.#writing(label, () => (left = turn(this, steps)));
		return { label, at, left };
	}

	#write(ref: Ref, entity: Entity, units?: Record<string, unknown>, base = this.#base(ref)): void {
		if (!this.#act) return this.act('', () => this.#write(ref, entity, units, base));
		const key = keyOf(ref);
		const before = this.#view.get(ref);
		this.#outbox.add({
			act: this.#act.number,
			kind: ref.kind,
			entity,
			base,
			...(units === undefined ? {} : { units })
		});
		this.#show(ref);
		const first = this.#act.steps.get(key) ?? { ...ref, before };
		this.#act.steps.set(key, { ...first, after: this.#view.get(ref) });
	}

	/** The event at which what is written over was last seen confirmed. */
	#base(ref: Ref): number {
		return this.#confirmed.get(ref)?.event ?? this.#outbox.of(keyOf(ref)).at(-1)?.base ?? 0;
	}

	// What the server says.

	#part(changes: Change[], id: number): void {
		for (const change of changes) {
			const ref = refOf(change);
			this.#seen.add(keyOf(ref));
			this.#take(change, change.event ?? id);
		}
		// Nobody is told: a half is of no use, and to compute screens from each costs more than the whole.
	}

	#whole(id: number, anew: boolean): void {
		for (const ref of this.#confirmed.retain(this.#seen)) this.#show(ref);
		this.#seen = new Set();
		if (anew) for (const ref of this.#outbox.rebaseAll((ref) => this.#confirmed.get(ref))) this.#show(ref);
		else this.#confirm(id);
		this.#moved();
	}

	#event(changes: Change[], id: number): void {
		for (const change of changes) {
			const newer = this.#confirmed.get(refOf(change));
			// The rest of a snapshot that was cut is newer than its cursor.
			if (!newer || newer.event <= id) this.#take(change, change.event ?? id);
		}
		this.#confirm(id);
	}

	#take(change: Change, event: number): void {
		this.#clock.observe(change.entity.updatedAt);
		this.#confirmed.put(change, event);
		this.#show({ kind: change.kind, id: change.entity.id });
	}

	#forget(kind: string, ids: number[]): void {
		for (const id of ids) {
			this.#confirmed.forget({ kind, id });
			this.#show({ kind, id });
		}
	}

	#confirm(id: number): void {
		for (const write of this.#outbox.confirm(id)) this.#show(refOf(write));
	}

	#heardSession(session: Session): void {
		const before = this.#session?.user.id;
		this.#session = session;
		this.#changed.add('');
		if (before !== undefined && before !== session.user.id) this.#becameSomebodyElse();
		this.#undo.open(session.user.id);
		this.#parked.open(session.user.id);
	}

	/** Nobody's writes are sent in somebody else's name, and what one may see the other may not. */
	#becameSomebodyElse(): void {
		const writes = this.#outbox.empty();
		this.#refused(
			writes.map((write) => ({
				write,
				code: 'forbidden',
				message: 'written by somebody else who was signed in here'
			}))
		);
		for (const ref of this.#confirmed.retain(new Set())) this.#show(ref);
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
		for (const { from, to } of renamed) {
			this.#aliases.set(keyOf(from), to);
			this.#undo.rename(from, to);
			this.#show(from);
			this.#show({ kind: from.kind, id: to });
		}
		// References may have turned in any of them.
		if (renamed.length > 0)
			for (const ref of [...this.#view.refs()]) if (this.#outbox.of(keyOf(ref)).length) this.#show(ref);
		this.#refused(refused);
		for (const ref of touched) this.#show(ref);
		if (cursor) this.#confirm(cursor.id);
	}

	#refused(refusals: Refusal[]): void {
		if (refusals.length === 0) return;
		this.#parked.add(refusals);
		this.#changed.add('');
		for (const { write } of refusals) this.#show(refOf(write));
	}

	#failed(problem: Problem): void {
		if (problem.needsSignIn) this.#line.signInNeeded();
		// The stream may not have noticed yet; connecting tells whether the server is there.
		else if (problem.status === 0 && this.#line.phase === 'online') this.#line.connect();
	}

	// What is shown.

	#show(ref: Ref): void {
		const writes = this.#outbox.of(keyOf(ref));
		if (this.#view.set(ref, overlay(this.#confirmed.get(ref)?.entity, writes))) this.#changed.add(ref.kind);
	}

	/** An id that turned out to be taken still finds the entity. */
	#resolve(kind: string, id: number): Ref {
		for (
			let next = this.#aliases.get(`${kind}/${id}`);
			next !== undefined;
			next = this.#aliases.get(`${kind}/${id}`)
		)
			id = next;
		return { kind, id };
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
		if (this.#act) return;
		this.#push.kick();
		const status = this.#standing();
		if (!equal({ ...status, since: '' }, { ...this.#status, since: '' })) this.#changed.add('');
		this.#status = status;
		if (this.#changed.size === 0) return;
		const changed = this.#changed;
		this.#changed = new Set();
		for (const listener of this.#listeners) listener(changed);
	}
}
