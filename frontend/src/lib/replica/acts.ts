import type { Clock } from '../api/clock';
import { idOf, newId } from '../api/id';
import { changedBy, fieldsOf, keyOf, living, withUnits, type Ref, type Units } from './entity';
import type { Env } from './env';
import type { Layers } from './layers';
import type { Pending } from './pending';
import { reversed, turn, type Step } from './step';
import type { Act, Entity, Patch, TakenBack } from './types';
import { UndoStack, type Done } from './undo';

/** What acts need to know of the replica they are part of. */
interface Around {
	/** The id of the cursor; 0 when there is none. */
	cursor(): number;
	/** An act has been written. */
	moved(): void;
}

/** Everything done here: writes, each part of an act, which can be taken back as a whole. */
export class Acts {
	#undo: UndoStack;
	#current: { number: number; steps: Map<string, Step> } | undefined;
	#count = 0;

	constructor(
		private readonly layers: Layers,
		private readonly clock: Clock,
		private readonly env: Env,
		private readonly around: Around
	) {
		this.#undo = new UndoStack(env.keep);
	}

	/** An act is being written. */
	get writing(): boolean {
		return this.#current !== undefined;
	}

	get undoable(): Act | undefined {
		return this.#undo.undoable;
	}

	get(kind: string, id: number): Entity | undefined {
		return this.layers.get(kind, id);
	}

	create(kind: string, fields: Patch): number {
		const given = fieldsOf(fields);
		const id = idOf(kind, given) ?? newId();
		if (living(this.layers.view.get({ kind, id }))) this.edit(kind, id, given);
		else this.#write({ kind, id }, { id, updatedAt: this.clock.next(), ...given });
		return id;
	}

	edit(kind: string, id: number, patch: Patch): void {
		const ref = this.layers.resolve(kind, id);
		const shown = this.layers.view.get(ref);
		if (!living(shown)) return; // deleted under the hand that edits: there is nothing to lay it over
		const units = changedBy(kind, shown, patch);
		if (Object.keys(units).length === 0) return;
		const entity = { ...withUnits(kind, shown, units), updatedAt: this.clock.next() };
		this.#write(ref, entity, units);
	}

	remove(kind: string, id: number): void {
		const ref = this.layers.resolve(kind, id);
		if (living(this.layers.view.get(ref))) {
			this.#write(ref, { id: ref.id, updatedAt: this.clock.next(), deleted: true });
		}
	}

	restore(kind: string, id: number, last: Entity): void {
		const ref = this.layers.resolve(kind, id);
		// What comes from the trash without being here is as new as the cursor.
		const base = this.layers.view.get(ref) ? this.layers.base(ref) : this.around.cursor();
		this.#write(ref, { id: ref.id, updatedAt: this.clock.next(), ...fieldsOf(last) }, undefined, base);
	}

	/** Writes again what was not taken. */
	repeat({ kind, entity, units }: Pending): void {
		const fresh = { ...entity, updatedAt: this.clock.next() };
		this.#writing(() => this.#write({ kind, id: entity.id }, fresh, units));
	}

	act(label: string, fn: () => void): void {
		if (this.#current) return fn(); // part of the act around it
		this.#writing(fn, (steps, at) => this.#undo.did({ label, at, steps }));
	}

	undo(): TakenBack | undefined {
		const act = this.#undo.undone();
		return act && this.#turn(act, reversed(act.steps));
	}

	redo(): TakenBack | undefined {
		const act = this.#undo.redone();
		return act && this.#turn(act, act.steps);
	}

	/** From now on this user acts. */
	open(user: number): void {
		this.#undo.open(user);
	}

	/** An id turned out to be taken. */
	rename(from: Ref, to: number): void {
		this.#undo.rename(from, to);
	}

	#turn({ label, at }: Done, steps: Step[]): TakenBack {
		let left = 0;
		this.#writing(() => (left = turn(this, steps)));
		return { label, at, left };
	}

	#writing(fn: () => void, then?: (steps: Step[], at: string) => void): void {
		const act = { number: ++this.#count, steps: new Map<string, Step>() };
		this.#current = act;
		try {
			fn();
		} finally {
			this.#current = undefined;
			const steps = [...act.steps.values()];
			if (steps.length > 0) then?.(steps, new Date(this.env.now()).toISOString());
			this.around.moved();
		}
	}

	#write(ref: Ref, entity: Entity, units?: Units, base = this.layers.base(ref)): void {
		const act = this.#current;
		if (!act) return this.act('', () => this.#write(ref, entity, units, base));
		const before = this.layers.view.get(ref);
		const write = { act: act.number, kind: ref.kind, entity, base };
		this.layers.outbox.add(units ? { ...write, units } : write);
		this.layers.show(ref);
		const first = act.steps.get(keyOf(ref)) ?? { ...ref, before };
		act.steps.set(keyOf(ref), { ...first, after: this.layers.view.get(ref) });
	}
}
