import { living } from './entity';
import type { Act, Entity } from './types';

/** One entity before and after an act. */
export interface Step {
	kind: string;
	id: number;
	before?: Entity;
	after?: Entity;
}

export interface Done extends Act {
	steps: Step[];
}

/** Where the steps outlive a reload; sessionStorage is one. */
export interface Keep {
	getItem(name: string): string | null;
	setItem(name: string, value: string): void;
}

const name = 'inglenook.undo';
const maxActs = 50;
/** Steps beyond this are undone only until the page is left. */
const maxKeptSteps = 2000;

/** The last acts of one person, to take back and to do again. */
export class UndoStack {
	#undo: Done[] = [];
	#redo: Done[] = [];
	#user = 0;

	constructor(private readonly keep?: Keep) {}

	get undoable(): Act | undefined {
		return this.#undo.at(-1);
	}

	/** Takes over what this person did here before the page was loaded; somebody else's is forgotten. */
	open(user: number): void {
		if (user === this.#user) return;
		const fresh = this.#user === 0 ? this.#undo : [];
		this.#user = user;
		this.#undo = fresh;
		this.#redo = [];
		try {
			const kept = JSON.parse(this.keep?.getItem(name) ?? 'null') as {
				user: number;
				undo: Done[];
				redo: Done[];
			} | null;
			if (kept?.user === user) {
				this.#undo = [...kept.undo, ...fresh];
				this.#redo = fresh.length > 0 ? [] : kept.redo;
			}
		} catch {
			// Written by another version, or storage is switched off: begin with nothing.
		}
	}

	did(act: Done): void {
		this.#undo = [...this.#undo, act].slice(-maxActs);
		this.#redo = [];
		this.#save();
	}

	undone(): Done | undefined {
		const act = this.#undo.pop();
		if (act) this.#redo.push(act);
		this.#save();
		return act;
	}

	redone(): Done | undefined {
		const act = this.#redo.pop();
		if (act) this.#undo.push(act);
		this.#save();
		return act;
	}

	#save(): void {
		if (!this.keep || this.#user === 0) return;
		try {
			this.keep.setItem(
				name,
				JSON.stringify({ user: this.#user, undo: latest(this.#undo), redo: latest(this.#redo) })
			);
		} catch {
			// Full or switched off: undo then ends with the page.
		}
	}
}

function latest(acts: Done[]): Done[] {
	let steps = 0;
	const first = acts.findLastIndex((act) => (steps += act.steps.length) > maxKeptSteps);
	return acts.slice(first + 1);
}

/** Who turns steps into ordinary writes. */
interface Writer {
	get(kind: string, id: number): Entity | undefined;
	edit(kind: string, id: number, patch: Record<string, unknown>): void;
	remove(kind: string, id: number): void;
	restore(kind: string, id: number, last: Entity): void;
	changes(kind: string, from: Entity, to: Entity, now: Entity): Record<string, unknown>;
}

/** Brings one entity from one side of a step to the other; what others changed since stays. */
export function turn(writer: Writer, step: Step, from: Entity | undefined, to: Entity | undefined): void {
	const now = writer.get(step.kind, step.id);
	if (!living(to)) {
		if (living(now)) writer.remove(step.kind, step.id);
	} else if (!living(from)) {
		if (now && !living(now)) writer.restore(step.kind, step.id, to);
	} else if (living(now)) {
		writer.edit(step.kind, step.id, writer.changes(step.kind, from, to, now));
	}
}
